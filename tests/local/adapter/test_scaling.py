"""Application Auto Scaling in the cloud: stacks, traffic, restarts (local/adapter/scaling*)."""

import copy
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.adapter.stacks import Stack
from tests.local.adapter.test_cloudformation_types import serving
from tests.local.running_cloud import RunningCloud, eventually, put_model

NAME, VARIANT = "scaled", "AllTraffic"
PACE = 100
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
RESOURCE = f"endpoint/{NAME}/variant/{VARIANT}"
NAMED = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": DIMENSION,
}


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[RunningCloud]:
    """A cloud in which a minute of scaling passes in a second."""
    cloud = RunningCloud(tmp_path / "data", pace=PACE)
    try:
        yield cloud.start()
    finally:
        cloud.stop()


def scaled(model_url: str, target: float = 300, most: int = 2) -> dict[str, Any]:
    """A guarded endpoint whose instances follow its traffic, wired the way CDK wires it."""
    template = copy.deepcopy(serving(model_url, name=NAME))
    resources = template["Resources"]
    resources["Errors"] = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": "AWS/SageMaker",
            "MetricName": "Invocation5XXErrors",
            "Dimensions": [
                {"Name": "EndpointName", "Value": NAME},
                {"Name": "VariantName", "Value": VARIANT},
            ],
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0.5,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    }
    resources["Endpoint"]["DependsOn"] = ["Errors"]
    resources["Target"] = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "DependsOn": ["Endpoint"],
        "Properties": {**NAMED, "MinCapacity": 1, "MaxCapacity": str(most)},
    }
    resources["Policy"] = {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": "traffic",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": "Target"},
            "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
                "TargetValue": target,
                "ScaleOutCooldown": 60,
            },
        },
    }
    template["Outputs"]["Target"] = {"Value": {"Ref": "Target"}}
    template["Outputs"]["Policy"] = {"Value": {"Ref": "Policy"}}
    return template


def policies(cloud: RunningCloud) -> list[dict[str, Any]]:
    client = cloud.client("application-autoscaling")
    found: list[dict[str, Any]] = client.describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    return found


def targets(cloud: RunningCloud) -> list[dict[str, Any]]:
    client = cloud.client("application-autoscaling")
    found: list[dict[str, Any]] = client.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    return found


def instances(cloud: RunningCloud) -> int:
    endpoint = cloud.client("sagemaker").describe_endpoint(EndpointName=NAME)
    if endpoint["EndpointStatus"] != "InService":
        return 0
    count: int = endpoint["ProductionVariants"][0]["CurrentInstanceCount"]
    return count


def test_a_stack_with_alarms_and_scaling_lives_its_whole_life(fast: RunningCloud) -> None:
    url = put_model(fast, "scaling-models", "first")
    stack = Stack(fast, "scaling")
    before = stack.create(scaled(url))
    assert before["Target"] == f"{RESOURCE}|{DIMENSION}|sagemaker"
    assert before["Policy"] == policies(fast)[0]["PolicyARN"]
    refuse_another_instance_type(fast)

    after = stack.update(scaled(url, target=12, most=3))
    assert after == before
    assert targets(fast)[0]["MaxCapacity"] == 3
    assert target_value(fast) == 12
    broken = scaled(url, target=0, most=5)
    assert stack.try_update(broken) == "UPDATE_ROLLBACK_COMPLETE"
    assert "TargetValue must be above 0" in stack.reason("Policy", "UPDATE_FAILED")
    assert (targets(fast)[0]["MaxCapacity"], target_value(fast)) == (3, 12)

    with traffic(fast):
        eventually(lambda: instances(fast) == 3)
    client = fast.client("application-autoscaling")
    activities = client.describe_scaling_activities(ServiceNamespace="sagemaker")
    activity = activities["ScalingActivities"][0]
    assert activity["StatusCode"] == "Successful"
    assert activity["Description"] == "Setting desired instance count to 3."
    fast.kill()
    fast.start()
    assert target_value(fast) == 12
    eventually(lambda: instances(fast) >= 1)

    assert Stack(fast, stack.name).delete() == "DELETE_COMPLETE"
    assert targets(fast) == policies(fast) == []
    assert fast.client("cloudwatch").describe_alarms()["MetricAlarms"] == []


def target_value(cloud: RunningCloud) -> float:
    configuration = policies(cloud)[0]["TargetTrackingScalingPolicyConfiguration"]
    value: float = configuration["TargetValue"]
    return value


def refuse_another_instance_type(cloud: RunningCloud) -> None:
    """Facts sheet C.10."""
    sagemaker = cloud.client("sagemaker")
    used = sagemaker.describe_endpoint(EndpointName=NAME)["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=used)["ProductionVariants"]
    for change, message in (
        ({"InstanceType": "ml.c5.large"}, "Cannot change the instance type of variant"),
        ({"VariantName": "another"}, "Cannot remove variant"),
    ):
        config = f"with-{next(iter(change)).lower()}"
        sagemaker.create_endpoint_config(
            EndpointConfigName=config, ProductionVariants=[variants[0] | change]
        )
        with pytest.raises(ClientError, match=message):
            sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName=config)


class traffic:  # noqa: N801 - read as a statement
    """Requests one after another while the block lasts."""

    def __init__(self, cloud: RunningCloud) -> None:
        self._cloud = cloud
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        runtime = self._cloud.client("sagemaker-runtime")
        while not self._over.wait(0.02):
            runtime.invoke_endpoint(EndpointName=NAME, Body=b"x")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
