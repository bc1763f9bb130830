"""The condition key `cloudwatch:namespace` (local/adapter/metric_namespace.py)."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.adapter.test_authorization import keys_of
from tests.local.running_cloud import RunningCloud, allow

GRANTED = "/aws/sagemaker/TrainingJobs"


def may_publish(cloud: RunningCloud) -> Any:
    condition = {"StringEquals": {"cloudwatch:namespace": GRANTED}}
    granted = allow("cloudwatch:PutMetricData", Condition=condition)
    return cloud.client("cloudwatch", keys_of(cloud, granted))


def test_a_role_publishes_metrics_in_the_namespace_it_was_granted(enforced: RunningCloud) -> None:
    cloudwatch = may_publish(enforced)
    cloudwatch.put_metric_data(
        Namespace=GRANTED, MetricData=[{"MetricName": "validation:accuracy", "Value": 0.98}]
    )


def test_a_role_publishes_metrics_in_no_other_namespace(enforced: RunningCloud) -> None:
    cloudwatch = may_publish(enforced)
    with pytest.raises(ClientError, match="AccessDenied"):
        cloudwatch.put_metric_data(
            Namespace="AWS/SageMaker", MetricData=[{"MetricName": "Invocations", "Value": 1}]
        )
