"""A guarded update as a stack sees it: with the role's rights, and never a silent rollback."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.adapter.stacks import Stack
from tests.local.running_cloud import (
    IMAGE,
    RunningCloud,
    allow,
    create_role,
    eventually,
    invoke,
    put_model,
)

ENDPOINT, ALARM = "guarded", "too-many-errors"


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[RunningCloud]:
    """A cloud with IAM enforced in which an hour of an update's waits takes 6 seconds."""
    cloud = RunningCloud(tmp_path / "data", auth=True, pace=600)
    try:
        yield cloud.start()
    finally:
        cloud.stop()


def template(role: str, model_url: str) -> dict[str, Any]:
    """An endpoint that depends on the alarm which guards it."""
    variant = {
        "VariantName": "champion",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    return {
        "Resources": {
            "Alarm": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "AlarmName": ALARM,
                    "Namespace": "Ours",
                    "MetricName": "Errors",
                    "Statistic": "Sum",
                    "Period": 60,
                    "EvaluationPeriods": 1,
                    "Threshold": 1,
                    "ComparisonOperator": "GreaterThanThreshold",
                    "TreatMissingData": "notBreaching",
                },
            },
            "Model": {
                "Type": "AWS::SageMaker::Model",
                "Properties": {
                    "ExecutionRoleArn": role,
                    "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": model_url},
                },
            },
            "Config": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "Properties": {"ProductionVariants": [variant]},
            },
            "Endpoint": {
                "Type": "AWS::SageMaker::Endpoint",
                "DependsOn": ["Alarm"],
                "Properties": {
                    "EndpointName": ENDPOINT,
                    "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                    "RetainAllVariantProperties": True,
                    "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
                    "DeploymentConfig": {
                        "BlueGreenUpdatePolicy": {
                            "TrafficRoutingConfiguration": {
                                "Type": "ALL_AT_ONCE",
                                "WaitIntervalInSeconds": 0,
                            },
                            "TerminationWaitInSeconds": 600,
                        },
                        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Alarm"}}]},
                    },
                },
            },
        }
    }


def test_a_stack_update_fails_with_the_reason_for_which_its_endpoint_was_rolled_back(
    hasty: RunningCloud,
) -> None:
    role_name = f"execution-{uuid.uuid4().hex[:8]}"
    role = create_role(hasty, role_name, None, allow("s3:GetObject"))
    models = [put_model(hasty, "models", name) for name in ("first", "second")]
    stack = Stack(hasty, "guarded")
    stack.create(template(role, models[0]))
    assert invoke(hasty, ENDPOINT) == "first"

    # Without the right to look at the alarm nothing is updated.
    assert stack.try_update(template(role, models[1])) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cloudwatch:DescribeAlarms" in stack.reason("Endpoint", "UPDATE_FAILED")
    assert invoke(hasty, ENDPOINT) == "first"

    statements = [allow(["s3:GetObject", "cloudwatch:DescribeAlarms"])]
    hasty.client("iam").put_role_policy(
        RoleName=role_name,
        PolicyName="inline",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )
    stack.update(template(role, models[1]))
    assert invoke(hasty, ENDPOINT) == "second"

    data = [{"MetricName": "Errors", "Value": 5.0}]
    cloudwatch = hasty.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="Ours", MetricData=data)
    eventually(lambda: cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"])
    assert stack.try_update(template(role, models[0])) == "UPDATE_ROLLBACK_COMPLETE"
    reason = stack.reason("Endpoint", "UPDATE_FAILED")
    assert f"are in ALARM: {ALARM} (" in reason
    assert invoke(hasty, ENDPOINT) == "second"
    description = hasty.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
    assert description["EndpointStatus"] == "InService"
    assert description["FailureReason"] in reason
