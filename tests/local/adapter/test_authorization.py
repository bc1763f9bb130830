"""IAM enforcement of SageMaker calls (local/adapter/authorization.py, denials.py, facts sheet
E.7)."""

import uuid
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from tests.local.running_cloud import (
    ACCOUNT,
    IMAGE,
    REGION,
    RunningCloud,
    allow,
    create_endpoint,
    create_role,
    put_model,
    variant,
)

SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
PASSED = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


@pytest.fixture(scope="module")
def execution_role(enforced: RunningCloud) -> str:
    return create_role(enforced, f"execution-{uuid.uuid4().hex[:8]}", None, allow("s3:GetObject"))


@pytest.fixture(scope="module")
def endpoints(enforced: RunningCloud, execution_role: str) -> tuple[str, str]:
    url = put_model(enforced, "iam-models", "answer")
    names = (f"Granted-{uuid.uuid4().hex[:8]}", f"other-{uuid.uuid4().hex[:8]}")
    for name in names:
        create_endpoint(enforced, name, execution_role, url)
    return names


def keys_of(cloud: RunningCloud, *statements: dict[str, Any]) -> dict[str, str]:
    """A session of a role that may do what the statements say; never a root key."""
    name = f"caller-{uuid.uuid4().hex[:8]}"
    trust = {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
    }
    role = create_role(cloud, name, trust, *statements)
    session = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    keys: dict[str, str] = session["Credentials"]
    return keys


def denial(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    return str(caught.value)


def test_only_the_granted_endpoint_may_be_invoked(
    enforced: RunningCloud, endpoints: tuple[str, str]
) -> None:
    granted, other = endpoints
    keys = keys_of(
        enforced, allow("sagemaker:InvokeEndpoint", f"{SAGEMAKER}:endpoint/{granted.lower()}")
    )
    runtime = enforced.client("sagemaker-runtime", keys)
    assert runtime.invoke_endpoint(EndpointName=granted, Body=b"x")["Body"].read() == b"answer"
    refused = denial(runtime.invoke_endpoint, EndpointName=other, Body=b"x")
    assert f"perform: sagemaker:InvokeEndpoint on resource: {SAGEMAKER}:endpoint/{other}" in refused


def test_an_action_in_the_query_does_not_stand_in_for_the_operation_executed(
    enforced: RunningCloud, endpoints: tuple[str, str]
) -> None:
    keys = keys_of(enforced, allow("sagemaker:DescribeModel"))
    client = enforced.client("sagemaker", keys)
    granted = client.describe_model(ModelName=endpoints[0])["ModelName"]

    def disguise(request: Any, **_event: Any) -> None:
        request.url += "?Action=DescribeModel"

    client.meta.events.register("before-sign.sagemaker.DeleteModel", disguise)
    assert "perform: sagemaker:DeleteModel" in denial(client.delete_model, ModelName=granted)
    client.describe_model(ModelName=granted)


def test_an_action_in_a_form_body_does_not_stand_in_for_an_invocation(
    enforced: RunningCloud, endpoints: tuple[str, str]
) -> None:
    runtime = enforced.client("sagemaker-runtime", keys_of(enforced, allow("sagemaker:*Model")))
    refused = denial(
        runtime.invoke_endpoint,
        EndpointName=endpoints[0],
        ContentType="application/x-www-form-urlencoded",
        Body=b"Action=DescribeModel",
    )
    assert "perform: sagemaker:InvokeEndpoint" in refused


def test_a_role_is_passed_only_with_permission(enforced: RunningCloud, execution_role: str) -> None:
    model = {
        "ModelName": f"passed-{uuid.uuid4().hex[:8]}",
        "ExecutionRoleArn": execution_role,
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://iam-models/answer/model.tar.gz"},
    }
    create = allow("sagemaker:CreateModel")
    without = enforced.client("sagemaker", keys_of(enforced, create))
    assert f"iam:PassRole on resource: {execution_role}" in denial(without.create_model, **model)
    elsewhere = allow(
        "iam:PassRole",
        execution_role,
        Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    )
    wrong = enforced.client("sagemaker", keys_of(enforced, create, elsewhere))
    assert "iam:PassRole" in denial(wrong.create_model, **model)
    passing = allow("iam:PassRole", execution_role, Condition=PASSED)
    enforced.client("sagemaker", keys_of(enforced, create, passing)).create_model(**model)


def test_a_training_job_needs_its_role_passed(enforced: RunningCloud, execution_role: str) -> None:
    job = {
        "TrainingJobName": f"job-{uuid.uuid4().hex[:8]}",
        "RoleArn": execution_role,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://iam-models/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    client = enforced.client("sagemaker", keys_of(enforced, allow("sagemaker:CreateTrainingJob")))
    assert "iam:PassRole" in denial(client.create_training_job, **job)


def test_creating_an_endpoint_needs_its_configuration_granted_too(
    enforced: RunningCloud, endpoints: tuple[str, str]
) -> None:
    name = f"new-{uuid.uuid4().hex[:8]}"
    keys = keys_of(enforced, allow("sagemaker:CreateEndpoint", f"{SAGEMAKER}:endpoint/*"))
    client = enforced.client("sagemaker", keys)
    refused = denial(client.create_endpoint, EndpointName=name, EndpointConfigName=endpoints[1])
    assert f"{SAGEMAKER}:endpoint-config/{endpoints[1]}" in refused


def test_an_explicit_deny_wins_and_is_named(
    enforced: RunningCloud, endpoints: tuple[str, str]
) -> None:
    deny = {"Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "*"}
    client = enforced.client("sagemaker", keys_of(enforced, allow("sagemaker:*"), deny))
    client.describe_endpoint(EndpointName=endpoints[0])
    assert "with an explicit deny" in denial(client.delete_endpoint, EndpointName=endpoints[0])


def test_a_denied_control_plane_call_answers_400_as_aws_does(enforced: RunningCloud) -> None:
    client = enforced.client("sagemaker", keys_of(enforced))
    with pytest.raises(ClientError) as caught:
        client.list_models()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_anonymous_and_unknown_keys_are_refused(
    enforced: RunningCloud, endpoints: tuple[str, str]
) -> None:
    unsigned = enforced.client("sagemaker-runtime", signature_version=UNSIGNED)
    with pytest.raises(ClientError):
        unsigned.invoke_endpoint(EndpointName=endpoints[0], Body=b"x")
    unknown = {"AccessKeyId": "AKIAUNKNOWNUNKNOWN00", "SecretAccessKey": "x"}
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        enforced.client("sagemaker", unknown).list_models()
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        enforced.client("sagemaker-runtime", unknown).invoke_endpoint(
            EndpointName=endpoints[0], Body=b"x"
        )


def test_a_key_with_the_wrong_secret_is_refused(enforced: RunningCloud) -> None:
    keys = {**keys_of(enforced, allow("sagemaker:*")), "SecretAccessKey": "wrong"}
    with pytest.raises(ClientError, match="Signature"):
        enforced.client("sagemaker", keys).list_models()


def test_a_role_that_may_not_read_the_artifact_fails_the_endpoint(enforced: RunningCloud) -> None:
    name = f"blind-{uuid.uuid4().hex[:8]}"
    role = create_role(enforced, name)
    sagemaker = enforced.client("sagemaker")
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": put_model(enforced, "iam-models", "answer"),
        },
    )
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    waiter = sagemaker.get_waiter("endpoint_in_service")
    with pytest.raises(Exception, match=r"Failed|terminal failure"):
        waiter.wait(EndpointName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 300})
    assert "s3:GetObject" in sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]


def test_tagging_what_is_created_needs_the_permission_to_tag(
    enforced: RunningCloud, execution_role: str
) -> None:
    name = f"tagged-{uuid.uuid4().hex[:8]}"
    model = {
        "ModelName": name,
        "ExecutionRoleArn": execution_role,
        "PrimaryContainer": {"Image": IMAGE},
        "Tags": [{"Key": "team", "Value": "photos"}],
    }
    arn = f"{SAGEMAKER}:model/*"
    passing = allow("iam:PassRole", execution_role, Condition=PASSED)
    creating = allow("sagemaker:CreateModel", arn)
    without = enforced.client("sagemaker", keys_of(enforced, creating, passing))
    assert "sagemaker:AddTags" in denial(without.create_model, **model)
    tagging = allow("sagemaker:AddTags", arn)
    enforced.client("sagemaker", keys_of(enforced, creating, passing, tagging)).create_model(
        **model
    )
