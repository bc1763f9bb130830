"""What holds for every template: stacks by life cycle, no names, no wildcards, safe references."""

from typing import Any

from config.environments import ENVIRONMENTS
from config.outputs import STACKS
from tests.stacks.assembly import Assembly
from tests.stacks.plans import PLANS

# CloudFormation gives every other name, so that anything can be replaced (design D5).
NAMES = {
    ("AWS::SageMaker::Endpoint", "EndpointName"),  # callers and alarms know it; never replaced
    ("AWS::IAM::Policy", "PolicyName"),  # required; inline, so it lives and dies with its role
    ("AWS::ApplicationAutoScaling::ScalingPolicy", "PolicyName"),  # required, within its target
    ("AWS::CloudWatch::Alarm", "MetricName"),  # whose name SageMaker chose
}

# What AWS lets nobody narrow down: the service authorization reference lists no resource types.
WITHOUT_RESOURCES = {
    "application-autoscaling:DescribeScalableTargets",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "cloudwatch:PutMetricData",  # held to namespaces by its condition
    "ec2:DeleteNetworkInterfacePermission",  # has an id of its own, and no ARN
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecr:GetAuthorizationToken",
}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(assembly: Assembly) -> list[tuple[str, dict[str, Any]]]:
    return [
        (str(resource), statement)
        for resource in assembly.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for statement in resource.properties["PolicyDocument"]["Statement"]
    ]


def test_every_environment_has_every_stack(assembly: Assembly) -> None:
    assert set(assembly.templates) == {f"{e}/{stack}" for e in ENVIRONMENTS for stack in STACKS}


def test_nothing_is_named_but_what_must_be(everything: Assembly) -> None:
    named = {
        (resource.type, key)
        for resource in everything.resources()
        for key, value in resource.properties.items()
        if key.endswith("Name") and isinstance(value, str)
    }
    assert named == NAMES


def test_no_permission_is_for_every_action(everything: Assembly) -> None:
    for where, statement in statements(everything):
        for action in listed(statement["Action"]):
            assert "*" not in action, f"{where}: {action}"


def test_only_what_has_no_resources_is_allowed_on_all(everything: Assembly) -> None:
    found = set()
    for where, statement in statements(everything):
        assert "NotResource" not in statement, where
        assert "NotAction" not in statement, where
        if "*" in listed(statement["Resource"]):
            found |= set(listed(statement["Action"]))
    assert found == WITHOUT_RESOURCES


def test_no_role_carries_a_policy_that_aws_wrote(everything: Assembly) -> None:
    for role in everything.resources("AWS::IAM::Role"):
        for policy in role.properties.get("ManagedPolicyArns", ()):
            assert list(policy) == ["Ref"], str(role)  # one of the same stack


def test_a_role_is_for_sagemaker_in_this_account_or_for_whom_the_settings_name(
    everything: Assembly,
) -> None:
    """The others are the witness and the pipeline, each with a test of its own."""
    others = set()
    for role in everything.resources("AWS::IAM::Role"):
        (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"] != {"Service": "sagemaker.amazonaws.com"}:
            others.add((role.stack, role.logical_id[:-8]))
            continue
        assert list(statement["Condition"]["StringEquals"]) == ["aws:SourceAccount"], str(role)
    assert others == {
        ("giving/Delivery", "PipelineRole"),
        ("giving/Delivery", "WitnessRole"),
        ("taking/Delivery", "PipelineRole"),
    }


def test_the_logical_ids_of_what_holds_state_do_not_change(everything: Assembly) -> None:
    stateful = {
        (resource.stack.partition("/")[2], resource.logical_id)
        for resource in everything.resources(
            "AWS::S3::Bucket", "AWS::SageMaker::Endpoint", "AWS::KMS::Key"
        )
    }
    # Changing one of these strands a bucket or deletes an endpoint: it needs a decision record.
    assert stateful == {
        ("Data", "AccessLogsBucketCD784A59"),
        ("Data", "ArtifactsBucket88671897"),
        ("Data", "ArtifactsKeyA4B22E2B"),
        ("Data", "CaptureBucket89727A45"),
        ("Data", "CaptureKey0B6A60A3"),
        ("Data", "DatasetsBucket9EEDBE5A"),
        ("Data", "DatasetsKey83EDD9A9"),
        ("Serving", "RealtimeEndpoint4C616D86"),
        ("Serving", "ServerlessEndpointEDB6D30E"),
    }


def exports(assembly: Assembly, environment: str) -> dict[str, str]:
    return {
        output["Export"]["Name"].partition(":")[2]: output["Value"].get("Ref")
        or output["Value"]["Fn::GetAtt"][0]
        for stack, template in assembly.templates.items()
        if stack.startswith(f"{environment}/")
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }


def test_stacks_exchange_only_what_is_never_replaced(everything: Assembly) -> None:
    for environment in (*ENVIRONMENTS, *PLANS):
        keys = {"ArtifactsKeyA4B22E2B", "CaptureKey0B6A60A3", "DatasetsKey83EDD9A9"}
        assert set(exports(everything, environment).values()) == {
            "ArtifactsBucket88671897",
            "CaptureBucket89727A45",
            "DatasetsBucket9EEDBE5A",
            *(keys if environment == "giving" else ()),
        }


def test_switching_a_feature_off_takes_no_export_away(everything: Assembly) -> None:
    # Data is deployed before Serving, and cannot take away what Serving still uses.
    assert exports(everything, "plain") == exports(everything, "prod")
