"""Roles and operator policies hold what facts E.6 and E.7 list for this journey, and no more."""

import json
from typing import Any

import pytest

from tests.stacks.assembly import Assembly
from tests.stacks.test_every_stack import listed

DATASETS = "DatasetsBucket9EEDBE5AArn"
ARTIFACTS = "ArtifactsBucket88671897Arn"


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


def test_a_model_server_reads_released_artifacts_and_writes_none(assembly: Assembly) -> None:
    server = allowed(assembly, "dev/Serving", "ChampionHostingRole")
    assert {action for action in server if action.startswith("s3:")} == {
        "s3:GetObject",
        "s3:ListBucket",
    }
    assert ARTIFACTS in one(server["s3:GetObject"])
    assert '"/models/*"' in one(server["s3:GetObject"])


@pytest.mark.parametrize(
    ("stack", "begins", "group"),
    [
        ("dev/Training", "JobsRole", "/aws/sagemaker/TrainingJobs"),
        ("dev/Serving", "ChampionHostingRole", "/aws/sagemaker/Endpoints/darkroom-dev-*"),
    ],
)
def test_what_sagemaker_does_for_a_role_is_logged_counted_and_pulled(
    assembly: Assembly, stack: str, begins: str, group: str
) -> None:
    role = allowed(assembly, stack, begins)
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


def test_a_deployer_only_takes_on_the_bootstrap_roles_and_looks(assembly: Assembly) -> None:
    deployer = allowed(assembly, "dev/Delivery", "Deployer")
    assert set(deployer) == {
        "cloudformation:DescribeStacks",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
        "sts:AssumeRole",
    }
    assert ":role/cdk-hnb659fds-*-role-" in one(deployer["sts:AssumeRole"])
    assert ":endpoint/darkroom-dev-*" in one(deployer["sagemaker:DescribeEndpoint"])
