"""What each role must not do, tried with its own keys (design D11).

The lists hold what would hurt: another role's work, somebody else's data, a way to more rights.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from tests.journey.operator import ACCOUNT, Operator

REALTIME = "darkroom-local-realtime"
ENGINEER = f"arn:aws:iam::{ACCOUNT}:role/Engineer"
Buckets = Mapping[str, str]
Attempt = tuple[str, str, dict[str, Any]]
"""Service, operation as boto3 spells it, and its parameters."""


def any_identity() -> list[Attempt]:
    """Nobody of ours widens rights, or changes an endpoint behind CloudFormation's back."""
    weights = [{"VariantName": "champion", "DesiredWeight": 0.5}]
    user = {"UserName": "mallory"}
    engineer = {"RoleName": "Engineer"}
    return [
        ("iam", "create_user", user),
        ("iam", "create_access_key", user),
        (
            "iam",
            "attach_role_policy",
            {**engineer, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        ("iam", "put_role_policy", {**engineer, "PolicyName": "more", "PolicyDocument": "{}"}),
        ("iam", "update_assume_role_policy", {**engineer, "PolicyDocument": "{}"}),
        ("sagemaker", "delete_endpoint", {"EndpointName": REALTIME}),
        (
            "sagemaker",
            "update_endpoint",
            {"EndpointName": REALTIME, "EndpointConfigName": "another"},
        ),
        (
            "sagemaker",
            "update_endpoint_weights_and_capacities",
            {"EndpointName": REALTIME, "DesiredWeightsAndCapacities": weights},
        ),
        ("sagemaker", "create_training_job", _job("darkroom-local-more", role=ENGINEER)),
        ("application-autoscaling", "register_scalable_target", _scaling("champion")),
        ("cloudformation", "delete_stack", {"StackName": "darkroom-local-serving"}),
        (
            "cloudformation",
            "create_change_set",
            {"StackName": "darkroom-local-serving", "ChangeSetName": "x", "TemplateBody": "{}"},
        ),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "another", "Body": b"x"}),
    ]


def engineer(buckets: Buckets) -> list[Attempt]:
    """Prepares, trains, releases, invokes; deploys nothing and hides nothing."""
    return [
        *any_identity(),
        ("s3", "delete_bucket", {"Bucket": buckets["datasets"]}),
        ("s3", "put_object", {"Bucket": buckets["capture"], "Key": "capture/x", "Body": b""}),
        ("s3", "put_object", {"Bucket": buckets["datasets"], "Key": "elsewhere/x", "Body": b""}),
        ("s3", "put_bucket_policy", {"Bucket": buckets["artifacts"], "Policy": "{}"}),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["any"]}),
        ("logs", "delete_log_group", {"logGroupName": "/aws/sagemaker/TrainingJobs"}),
    ]


def pipeline(buckets: Buckets) -> list[Attempt]:
    """Deploys through CloudFormation's roles; sees no photo and trains nothing."""
    return [
        *any_identity(),
        ("s3", "list_objects_v2", {"Bucket": buckets["datasets"]}),
        ("s3", "list_objects_v2", {"Bucket": buckets["capture"]}),
        ("s3", "put_object", {"Bucket": buckets["artifacts"], "Key": "models/x", "Body": b""}),
        ("sagemaker", "stop_training_job", {"TrainingJobName": "any"}),
    ]


def training(buckets: Buckets) -> list[Attempt]:
    """Reads datasets, writes its output; knows of no endpoint and no capture."""
    return [
        *any_identity(),
        ("s3", "put_object", {"Bucket": buckets["datasets"], "Key": "datasets/x", "Body": b""}),
        ("s3", "get_object", {"Bucket": buckets["artifacts"], "Key": "models/x"}),
        ("s3", "list_objects_v2", {"Bucket": buckets["capture"]}),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": REALTIME, "Body": b"x"}),
        ("cloudwatch", "put_metric_data", _metric("AWS/SageMaker")),
        ("logs", "create_log_stream", _stream("/aws/sagemaker/Endpoints/x")),
    ]


def hosting(buckets: Buckets) -> list[Attempt]:
    """Reads released artifacts, writes capture; sees no dataset and changes no model."""
    return [
        *any_identity(),
        ("s3", "list_objects_v2", {"Bucket": buckets["datasets"]}),
        ("s3", "get_object", {"Bucket": buckets["datasets"], "Key": "datasets/x"}),
        ("s3", "put_object", {"Bucket": buckets["artifacts"], "Key": "models/x", "Body": b""}),
        ("s3", "get_object", {"Bucket": buckets["capture"], "Key": "capture/x"}),
        ("s3", "put_object", {"Bucket": buckets["capture"], "Key": "elsewhere/x", "Body": b""}),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": REALTIME, "Body": b"x"}),
        ("cloudwatch", "put_metric_data", _metric("somewhere/else")),
        ("cloudwatch", "set_alarm_state", _quiet("any")),
        ("logs", "create_log_stream", _stream("/aws/sagemaker/TrainingJobs")),
    ]


FORBIDDEN: Mapping[str, Callable[[Buckets], Sequence[Attempt]]] = {
    "Engineer": engineer,
    "Pipeline": pipeline,
    "Training": training,
    "Hosting": hosting,
}


def is_denied_everything(who: Operator, role: str, buckets: Buckets) -> None:
    """Every forbidden attempt of the role ends with an AccessDenied of its own."""
    is_denied(who, role, FORBIDDEN[role](buckets))


def is_denied(who: Operator, name: str, attempts: Sequence[Attempt]) -> None:
    """Each attempt ends with an AccessDenied of its own."""
    clients = {service: who.client(service) for service, _, _ in attempts}
    allowed = [
        f"{service}.{operation}"
        for service, operation, parameters in attempts
        if not _denied(clients[service], operation, parameters)
    ]
    assert allowed == [], f"{name} may {', '.join(allowed)}"


def _denied(client: Any, operation: str, parameters: dict[str, Any]) -> bool:
    try:
        getattr(client, operation)(**parameters)
    except ClientError as error:
        return "AccessDenied" in error.response["Error"]["Code"]
    return False


def _job(name: str, *, role: str) -> dict[str, Any]:
    """A training job under a role that is nobody's to hand on."""
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": "any", "TrainingInputMode": "Pipe"},
        "OutputDataConfig": {"S3OutputPath": "s3://any/x"},
        "ResourceConfig": {
            "InstanceType": "ml.g4dn.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def _scaling(variant: str) -> dict[str, Any]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{REALTIME}/variant/{variant}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "MinCapacity": 0,
        "MaxCapacity": 100,
    }


def _metric(namespace: str) -> dict[str, Any]:
    return {"Namespace": namespace, "MetricData": [{"MetricName": "x", "Value": 1.0}]}


def _stream(group: str) -> dict[str, Any]:
    return {"logGroupName": group, "logStreamName": "x"}


def _quiet(alarm: str) -> dict[str, Any]:
    return {"AlarmName": alarm, "StateValue": "OK", "StateReason": "quiet"}
