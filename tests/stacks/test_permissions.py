"""Roles and operator policies hold what facts E.6 and E.7 list for this journey, and no more."""

import json
import re
from typing import Any

import pytest

from tests.stacks.assembly import Assembly
from tests.stacks.test_every_stack import listed

DATASETS = "DatasetsBucket9EEDBE5AArn"
ARTIFACTS = "ArtifactsBucket88671897Arn"
CAPTURE = "CaptureBucket89727A45Arn"


def allowed(assembly: Assembly, stack: str, begins: str) -> dict[str, set[str]]:
    """Actions, each with its resources as text, of the policies whose logical id begins so."""
    found: dict[str, set[str]] = {}
    for resource in assembly.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        if resource.stack == stack and resource.logical_id.startswith(begins):
            for statement in resource.properties["PolicyDocument"]["Statement"]:
                for action in listed(statement["Action"]):
                    found.setdefault(action, set()).update(
                        map(json.dumps, listed(statement["Resource"]))
                    )
    return found


def one(resources: set[str]) -> str:
    (resource,) = resources
    return resource


def test_a_job_reads_datasets_and_writes_its_output_and_nothing_else(assembly: Assembly) -> None:
    job = allowed(assembly, "dev/Training", "JobsRole")
    assert {action for action in job if action.startswith("s3:")} == {
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    assert DATASETS in one(job["s3:GetObject"])
    assert '"/datasets/*"' in one(job["s3:GetObject"])
    assert DATASETS in one(job["s3:ListBucket"])
    assert ARTIFACTS in one(job["s3:PutObject"])
    assert '"/training/*"' in one(job["s3:PutObject"])


def test_a_model_server_reads_released_artifacts_and_writes_none(plans: Assembly) -> None:
    server = allowed(plans, "plain/Serving", "HostingRole")
    assert {action for action in server if action.startswith("s3:")} == {
        "s3:GetObject",
        "s3:ListBucket",
    }
    assert ARTIFACTS in one(server["s3:GetObject"])
    assert '"/models/*"' in one(server["s3:GetObject"])


def test_an_endpoint_that_captures_writes_captured_records_and_nothing_else(
    assembly: Assembly,
) -> None:
    server = allowed(assembly, "prod/Serving", "HostingRole")
    assert CAPTURE in one(server["s3:PutObject"])
    assert '"/capture/*"' in one(server["s3:PutObject"])
    assert CAPTURE not in one(server["s3:GetObject"])


def test_the_alarms_are_read_where_they_undo_an_update(everything: Assembly) -> None:
    assert "cloudwatch:DescribeAlarms" in allowed(everything, "prod/Serving", "HostingRole")
    assert "cloudwatch:DescribeAlarms" not in allowed(everything, "plain/Serving", "HostingRole")


def test_network_interfaces_are_made_in_the_subnets_of_the_settings_only(plans: Assembly) -> None:
    server = allowed(plans, "isolated/Serving", "HostingRole")
    made_in = {
        re.search(r"(network-interface|security-group|subnet)/[-*0-9a-z]+", arn)
        for arn in server["ec2:CreateNetworkInterface"]
    }
    assert {found and found[0] for found in made_in} == {
        "network-interface/*",
        "security-group/sg-0123456789abcdef0",
        "subnet/subnet-0123456789abcdef0",
        "subnet/subnet-0123456789abcdef1",
    }
    elsewhere = allowed(plans, "shadowed/Serving", "HostingRole")
    assert not [action for action in elsewhere if action.startswith("ec2:")]


def test_all_models_of_an_environment_run_under_one_role(plans: Assembly) -> None:
    models = [r for r in plans.resources("AWS::SageMaker::Model") if r.stack == "split/Serving"]
    roles = {json.dumps(model.properties["ExecutionRoleArn"]) for model in models}
    assert (len(models), len(roles)) == (3, 1)


@pytest.mark.parametrize(
    ("stack", "begins", "group"),
    [
        ("dev/Training", "JobsRole", "/aws/sagemaker/TrainingJobs"),
        ("plain/Serving", "HostingRole", "/aws/sagemaker/Endpoints/darkroom-plain-*"),
    ],
)
def test_what_sagemaker_does_for_a_role_is_logged_counted_and_pulled(
    everything: Assembly, stack: str, begins: str, group: str
) -> None:
    role = allowed(everything, stack, begins)
    assert {action for action in role if not action.startswith("s3:")} == {
        "cloudwatch:PutMetricData",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    }
    assert all(f":log-group:{group}" in arn for arn in role["logs:PutLogEvents"])
    assert "811284229777:repository/image-classification" in one(role["ecr:BatchGetImage"])


def test_the_operator_may_do_what_prepare_train_and_release_do(assembly: Assembly) -> None:
    assert set(allowed(assembly, "dev/Training", "Operator")) == {
        "cloudformation:DescribeStacks",
        "iam:PassRole",
        "logs:DescribeLogStreams",
        "logs:GetLogEvents",
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sagemaker:AddTags",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:StopTrainingJob",
    }


def test_the_operator_writes_no_training_output(assembly: Assembly) -> None:
    writes = " ".join(allowed(assembly, "dev/Training", "Operator")["s3:PutObject"])
    assert '"/models/*"' in writes
    assert '"/datasets/*"' in writes
    assert "/training/" not in writes


def test_the_operator_starts_jobs_of_the_own_environment_only(assembly: Assembly) -> None:
    operator = allowed(assembly, "dev/Training", "Operator")
    assert ":training-job/darkroom-dev-*" in one(operator["sagemaker:CreateTrainingJob"])


def test_the_training_role_is_passed_to_sagemaker_and_to_no_other_service(
    assembly: Assembly,
) -> None:
    passing: list[dict[str, Any]] = [
        statement
        for resource in assembly.resources("AWS::IAM::ManagedPolicy")
        for statement in resource.properties["PolicyDocument"]["Statement"]
        if "iam:PassRole" in listed(statement["Action"])
    ]
    assert passing
    for statement in passing:
        assert statement["Resource"] == {"Fn::GetAtt": ["JobsRole621A81E5", "Arn"]}
        assert statement["Condition"] == {
            "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
        }


def test_metrics_go_to_sagemakers_namespaces_only(assembly: Assembly) -> None:
    for resource in assembly.resources("AWS::IAM::Policy"):
        for statement in resource.properties["PolicyDocument"]["Statement"]:
            if "cloudwatch:PutMetricData" in listed(statement["Action"]):
                namespaces = statement["Condition"]["StringEquals"]["cloudwatch:namespace"]
                assert all("sagemaker" in name.lower() for name in namespaces), str(resource)


def test_the_serving_operator_invokes_the_endpoints_of_the_environment_only(
    assembly: Assembly,
) -> None:
    operator = allowed(assembly, "prod/Serving", "Operator")
    assert set(operator) == {
        "application-autoscaling:DescribeScalableTargets",
        "cloudformation:DescribeStackResources",
        "cloudformation:DescribeStacks",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "s3:GetObject",
        "s3:ListBucket",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
        "sagemaker:InvokeEndpoint",
    }
    endpoints = sorted(
        arn.partition(":endpoint/")[2] for arn in operator["sagemaker:InvokeEndpoint"]
    )
    assert len(endpoints) == 2
    assert endpoints[0].startswith('darkroom-prod-realtime"')
    assert endpoints[1].startswith('darkroom-prod-serverless"')
    assert CAPTURE in one(operator["s3:GetObject"])
    assert '"/capture/*"' in one(operator["s3:GetObject"])


def test_the_serving_operator_sees_that_an_endpoint_is_not_there_yet(everything: Assembly) -> None:
    """`warm` has no real-time endpoint; once its settings switch one on, status says so."""
    operator = allowed(everything, "warm/Serving", "Operator")
    seen = " ".join(operator["sagemaker:DescribeEndpoint"])
    assert ":endpoint/darkroom-warm-realtime" in seen
    assert ":endpoint/darkroom-warm-serverless" in seen
    assert "realtime" not in one(operator["sagemaker:InvokeEndpoint"])


def test_a_deployer_takes_on_the_bootstrap_roles_looks_asks_and_drills(
    assembly: Assembly,
) -> None:
    deployer = allowed(assembly, "dev/Delivery", "Deployer")
    assert set(deployer) == {
        "application-autoscaling:DescribeScalableTargets",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStackResources",
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplate",
        "cloudwatch:DescribeAlarms",
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
        "sagemaker:InvokeEndpoint",
        "sts:AssumeRole",
    }
    assert ":role/cdk-hnb659fds-*-role-" in one(deployer["sts:AssumeRole"])
    assert ":endpoint/darkroom-dev-*" in one(deployer["sagemaker:InvokeEndpoint"])
    assert ":stack/darkroom-dev-*/*" in one(deployer["cloudformation:GetTemplate"])
    assert '"/models/*"' in one(deployer["s3:GetObject"])
    for action in ("s3:PutObject", "s3:DeleteObject"):
        assert '"/drill/*"' in one(deployer[action])
