"""Alarms evaluated on a timer (local/adapter/alarm_clock.py)."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.adapter.stacks import Stack
from tests.local.running_cloud import RunningCloud, eventually

PERIOD = 10


@pytest.fixture
def name() -> str:
    return f"alarm-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def cloudwatch(cloud: RunningCloud) -> Any:
    return cloud.client("cloudwatch")


def dimensions(variant: str) -> list[dict[str, str]]:
    return [{"Name": "VariantName", "Value": variant}]


def put_alarm(cloudwatch: Any, name: str, **changes: Any) -> None:
    request = {
        "AlarmName": name,
        "Namespace": name,
        "MetricName": "m",
        "Dimensions": dimensions("champion"),
        "Statistic": "Average",
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    cloudwatch.put_metric_alarm(**request | changes)


def put_data(cloudwatch: Any, name: str, value: float, variant: str = "champion") -> None:
    datum = {"MetricName": "m", "Dimensions": dimensions(variant), "Value": value}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum])


def described(cloudwatch: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return found


def await_state(cloudwatch: Any, name: str, state: str) -> dict[str, Any]:
    eventually(lambda: described(cloudwatch, name)["StateValue"] == state, within_seconds=20)
    return described(cloudwatch, name)


def test_an_alarm_goes_off_for_its_own_dimensions_alone_and_comes_back(
    cloud: RunningCloud, cloudwatch: Any, name: str
) -> None:
    topic = cloud.client("sns").create_topic(Name=name)["TopicArn"]
    sqs = cloud.client("sqs")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(sqs, queue))
    put_alarm(cloudwatch, name, AlarmActions=[topic], OKActions=[topic])
    await_state(cloudwatch, name, "OK")
    put_data(cloudwatch, name, 100, variant="challenger")
    put_data(cloudwatch, name, 5)
    alarm = await_state(cloudwatch, name, "ALARM")
    assert "Threshold Crossed: 1 out of the last 1 datapoints [5.0" in alarm["StateReason"]
    put_data(cloudwatch, name, -100)  # the average of the period is below the threshold again
    await_state(cloudwatch, name, "OK")
    ways = [
        json.loads(json.loads(body)["Message"])["NewStateValue"]
        for body in bodies(sqs, queue, at_least=3)
    ]
    assert ways == ["OK", "ALARM", "OK"]
    history = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
    summaries = [each["HistorySummary"] for each in history["AlarmHistoryItems"]]
    assert sum("to ALARM" in each for each in summaries) == 1


def queue_arn(sqs: Any, queue: str) -> str:
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])[
        "Attributes"
    ]
    return found["QueueArn"]


def bodies(sqs: Any, queue: str, at_least: int) -> list[str]:
    found: list[str] = []

    def enough() -> bool:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for each in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
            found.append(each["Body"])
        return len(found) >= at_least

    eventually(enough)
    return found


def test_an_alarm_returns_to_ok_when_its_data_stop(cloudwatch: Any, name: str) -> None:
    # Bad data that are about to leave the three periods that an alarm of one looks at.
    then = datetime.now(UTC) - timedelta(seconds=2.7 * PERIOD)
    datum = {"MetricName": "m", "Dimensions": dimensions("champion"), "Value": 5.0}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum | {"Timestamp": then}])
    put_alarm(cloudwatch, name)
    assert described(cloudwatch, name)["StateValue"] == "ALARM"
    assert "no datapoints were received" in await_state(cloudwatch, name, "OK")["StateReason"]


def test_a_percentile_alarm_weighs_values_by_their_counts(cloudwatch: Any, name: str) -> None:
    request = {"ExtendedStatistic": "p90", "Threshold": 50.0}
    datum = {"MetricName": "m", "Dimensions": dimensions("champion")}
    few = {"Values": [10.0, 100.0], "Counts": [95.0, 5.0]}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum | few])
    alarm_without_statistic(cloudwatch, name, **request)
    assert described(cloudwatch, name)["StateValue"] == "OK"
    many = {"Values": [100.0], "Counts": [95.0]}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum | many])
    assert "Statistic" not in await_state(cloudwatch, name, "ALARM")


def alarm_without_statistic(cloudwatch: Any, name: str, **request: Any) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=name,
        MetricName="m",
        Dimensions=dimensions("champion"),
        Period=PERIOD,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        **request,
    )


def test_a_state_set_by_hand_stands_and_is_then_evaluated_again(cloudwatch: Any, name: str) -> None:
    put_alarm(cloudwatch, name)
    await_state(cloudwatch, name, "OK")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
    assert described(cloudwatch, name)["StateReason"] == "a drill"
    await_state(cloudwatch, name, "OK")


def test_metric_math_in_an_alarm_is_refused_by_name(cloudwatch: Any, name: str) -> None:
    with pytest.raises(ClientError, match="PutMetricAlarm Metrics is not supported"):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            EvaluationPeriods=1,
            ComparisonOperator="GreaterThanThreshold",
            Threshold=1.0,
            Metrics=[{"Id": "e", "Expression": "1 + 1"}],
        )


def test_an_alarm_of_a_stack_is_evaluated_like_any_other(
    cloud: RunningCloud, cloudwatch: Any, name: str
) -> None:
    properties = {
        "Namespace": name,
        "MetricName": "m",
        "Dimensions": dimensions("champion"),
        "ExtendedStatistic": "p99",
        "Period": str(PERIOD),
        "EvaluationPeriods": "3",
        "DatapointsToAlarm": "1",
        "Threshold": "2000",
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
    template = {"Resources": {"Alarm": alarm}, "Outputs": {"Name": {"Value": {"Ref": "Alarm"}}}}
    stack = Stack(cloud, name)
    alarm_name = stack.create(template)["Name"]
    await_state(cloudwatch, alarm_name, "OK")
    put_data(cloudwatch, name, 3000)
    await_state(cloudwatch, alarm_name, "ALARM")
    assert stack.delete() == "DELETE_COMPLETE"
    assert cloudwatch.describe_alarms(AlarmNames=[alarm_name])["MetricAlarms"] == []
