"""AWS::SageMaker::* as CloudFormation resources (local/adapter/cloudformation_types.py, facts
sheet D.1)."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.adapter.stacks import Stack
from tests.local.running_cloud import IMAGE, TRUST, RunningCloud, invoke, put_model

MODEL, CONFIG, ENDPOINT = (
    f"AWS::SageMaker::{kind}" for kind in ("Model", "EndpointConfig", "Endpoint")
)


@pytest.fixture
def stack(cloud: RunningCloud) -> Stack:
    return Stack(cloud, f"serving-{uuid.uuid4().hex[:8]}")


def serving(
    model_url: str, *, image: str = IMAGE, name: str = "", tag: str = "one"
) -> dict[str, Any]:
    """Role, model, configuration and endpoint, wired the way CDK wires them."""
    tags = [{"Key": "release", "Value": tag}]
    return {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": TRUST, "Policies": [READ_EVERYTHING]},
            },
            "Model": {
                "Type": MODEL,
                "Properties": {
                    "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                    "PrimaryContainer": {"Image": image, "ModelDataUrl": model_url},
                    "Tags": tags,
                },
            },
            "Config": {
                "Type": CONFIG,
                "Properties": {
                    "ProductionVariants": [
                        {
                            "VariantName": "AllTraffic",
                            "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                            "InstanceType": "ml.m5.large",
                            "InitialInstanceCount": "1",
                            "InitialVariantWeight": "1.0",
                        }
                    ],
                    "Tags": tags,
                },
            },
            "Endpoint": {
                "Type": ENDPOINT,
                "Properties": {
                    "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                    "RetainAllVariantProperties": False,
                    "Tags": tags,
                    **({"EndpointName": name} if name else {}),
                },
            },
        },
        "Outputs": {
            "ModelArn": {"Value": {"Ref": "Model"}},
            "ModelName": {"Value": {"Fn::GetAtt": ["Model", "ModelName"]}},
            "ConfigArn": {"Value": {"Ref": "Config"}},
            "ConfigName": {"Value": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
            "EndpointArn": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointArn"]}},
            "EndpointName": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}},
            "EndpointRef": {"Value": {"Ref": "Endpoint"}},
        },
    }


READ_EVERYTHING = {
    "PolicyName": "read",
    "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
}


def tags_of(cloud: RunningCloud, arn: str) -> dict[str, str]:
    listed = cloud.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_a_stack_serves_a_model_and_names_what_the_template_leaves_unnamed(
    cloud: RunningCloud, stack: Stack
) -> None:
    template = serving(put_model(cloud, "cfn-models", "first"))
    outputs = stack.create(template, tags={"team": "vision"})
    assert outputs["ModelArn"].endswith(f":model/{outputs['ModelName'].lower()}")
    assert outputs["ConfigArn"].endswith(f":endpoint-config/{outputs['ConfigName'].lower()}")
    assert outputs["EndpointRef"] == outputs["EndpointArn"]
    assert outputs["ModelName"].startswith(f"{stack.name}-Model-")
    assert invoke(cloud, outputs["EndpointName"]) == "first"
    for arn in (outputs["ModelArn"], outputs["ConfigArn"], outputs["EndpointArn"]):
        tags = tags_of(cloud, arn)
        assert tags["release"] == "one"
        assert tags["team"] == "vision"
        assert tags["aws:cloudformation:stack-name"] == stack.name
    assert stack.delete() == "DELETE_COMPLETE"
    sagemaker = cloud.client("sagemaker")
    for describe, name in (
        (sagemaker.describe_endpoint, {"EndpointName": outputs["EndpointName"]}),
        (sagemaker.describe_endpoint_config, {"EndpointConfigName": outputs["ConfigName"]}),
        (sagemaker.describe_model, {"ModelName": outputs["ModelName"]}),
    ):
        with pytest.raises(ClientError, match="Could not find"):
            describe(**name)


def test_a_new_model_replaces_model_and_configuration_under_the_same_endpoint(
    cloud: RunningCloud, stack: Stack
) -> None:
    before = stack.create(serving(put_model(cloud, "cfn-models", "first"), name=stack.name))
    after = stack.update(serving(put_model(cloud, "cfn-models", "second"), name=stack.name))
    assert after["EndpointArn"] == before["EndpointArn"]
    assert after["ModelName"] != before["ModelName"]
    assert after["ConfigName"] != before["ConfigName"]
    assert invoke(cloud, stack.name) == "second"
    sagemaker = cloud.client("sagemaker")
    with pytest.raises(ClientError, match="Could not find"):
        sagemaker.describe_model(ModelName=before["ModelName"])
    with pytest.raises(ClientError, match="Could not find"):
        sagemaker.describe_endpoint_config(EndpointConfigName=before["ConfigName"])
    assert stack.delete() == "DELETE_COMPLETE"


def test_new_tags_replace_nothing(cloud: RunningCloud, stack: Stack) -> None:
    url = put_model(cloud, "cfn-models", "first")
    before = stack.create(serving(url), tags={"team": "vision", "old": "yes"})
    after = stack.update(serving(url, tag="two"), tags={"team": "audio"})
    assert after == before
    for arn in (after["ModelArn"], after["ConfigArn"], after["EndpointArn"]):
        tags = tags_of(cloud, arn)
        assert (tags["release"], tags["team"]) == ("two", "audio")
        assert "old" not in tags
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_failing_endpoint_rolls_the_stack_back_and_its_event_says_why(
    cloud: RunningCloud, stack: Stack
) -> None:
    template = serving("s3://cfn-no-such-bucket/model.tar.gz", name=stack.name)
    assert stack.try_create(template) == "ROLLBACK_COMPLETE"
    reasons = " ".join(stack.reasons())
    assert "cfn-no-such-bucket" in reasons
    sagemaker = cloud.client("sagemaker")
    with pytest.raises(ClientError, match="Could not find"):
        sagemaker.describe_endpoint(EndpointName=stack.name)
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_failing_update_leaves_the_old_model_serving(cloud: RunningCloud, stack: Stack) -> None:
    before = stack.create(serving(put_model(cloud, "cfn-models", "first"), name=stack.name))
    broken = serving("s3://cfn-models/missing/model.tar.gz", name=stack.name)
    assert stack.try_update(broken) == "UPDATE_ROLLBACK_COMPLETE"
    assert "missing/model.tar.gz" in " ".join(stack.reasons())
    assert invoke(cloud, stack.name) == "first"
    sagemaker = cloud.client("sagemaker")
    assert (
        sagemaker.describe_endpoint(EndpointName=stack.name)["EndpointConfigName"]
        == before["ConfigName"]
    )
    models = [
        model["ModelName"] for model in sagemaker.list_models(NameContains=stack.name)["Models"]
    ]
    assert models == [before["ModelName"]]
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_later_failure_brings_the_endpoint_back_to_its_old_model(
    cloud: RunningCloud, stack: Stack
) -> None:
    stack.create(serving(put_model(cloud, "cfn-models", "first"), name=stack.name))
    broken = serving(put_model(cloud, "cfn-models", "second"), name=stack.name)
    broken["Resources"]["After"] = {
        "Type": MODEL,
        "DependsOn": "Endpoint",
        "Properties": {
            "PrimaryContainer": {"Image": IMAGE, "Imagee": "misspelt"},
            "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        },
    }
    assert stack.try_update(broken) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Imagee" in " ".join(stack.reasons())
    assert invoke(cloud, stack.name) == "first"
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_property_of_the_wrong_kind_fails_the_resource_by_name(
    cloud: RunningCloud, stack: Stack
) -> None:
    template = serving(put_model(cloud, "cfn-models", "first"))
    template["Resources"]["Config"]["Properties"]["ProductionVariants"][0][
        "InitialInstanceCount"
    ] = "many"
    assert stack.try_create(template) == "ROLLBACK_COMPLETE"
    assert "many" in stack.reason("Config", "CREATE_FAILED")
    assert stack.delete() == "DELETE_COMPLETE"


def test_shadows_capture_and_isolation_come_through_a_template(
    cloud: RunningCloud, stack: Stack
) -> None:
    template = serving(put_model(cloud, "cfn-models", "first"))
    resources = template["Resources"]
    del resources["Endpoint"], template["Outputs"]
    resources["Model"]["Properties"]["EnableNetworkIsolation"] = "true"
    config = resources["Config"]["Properties"]
    config["ShadowProductionVariants"] = [
        config["ProductionVariants"][0] | {"VariantName": "shadow", "InitialVariantWeight": "0.25"}
    ]
    config["DataCaptureConfig"] = {
        "InitialSamplingPercentage": "20",
        "DestinationS3Uri": "s3://bucket/capture",
        "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
    }
    config["MetricsConfig"] = {"MetricPublishFrequencyInSeconds": "10"}
    template["Outputs"] = {
        kind: {"Value": {"Fn::GetAtt": [kind, f"{name}Name"]}}
        for kind, name in (("Model", "Model"), ("Config", "EndpointConfig"))
    }
    outputs = stack.create(template)
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_endpoint_config(EndpointConfigName=outputs["Config"])
    assert found["ShadowProductionVariants"][0]["InitialVariantWeight"] == 0.25
    assert found["DataCaptureConfig"]["InitialSamplingPercentage"] == 20
    assert found["MetricsConfig"] == {"MetricPublishFrequencyInSeconds": 10}
    assert sagemaker.describe_model(ModelName=outputs["Model"])["EnableNetworkIsolation"] is True
    assert stack.delete() == "DELETE_COMPLETE"


def test_an_endpoints_own_name_keeps_its_capitals(cloud: RunningCloud, stack: Stack) -> None:
    name = f"Photos-{stack.name}"
    outputs = stack.create(serving(put_model(cloud, "cfn-models", "first"), name=name))
    assert outputs["EndpointName"] == name
    assert outputs["EndpointArn"].endswith(f":endpoint/{name.lower()}")
    after = stack.update(serving(put_model(cloud, "cfn-models", "second"), name=name))
    assert after["EndpointName"] == name
    assert invoke(cloud, name) == "second"
    assert stack.delete() == "DELETE_COMPLETE"
