"""CloudWatch's metrics as clients see them (local/adapter/metric_store.py, cloudwatch_wire.py)."""

import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.running_cloud import RunningCloud, eventually, running

VALUES = {"Values": [10.0, 20.0], "Counts": [1.0, 3.0]}
CHAMPION = [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "champion"}]


@pytest.fixture
def cloudwatch(cloud: RunningCloud) -> Any:
    return cloud.client("cloudwatch")


@pytest.fixture
def namespace() -> str:
    return f"N-{uuid.uuid4().hex[:8]}"


def span() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"StartTime": now - timedelta(minutes=10), "EndTime": now + timedelta(minutes=1)}


def put(cloudwatch: Any, namespace: str, *data: dict[str, Any]) -> None:
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=list(data))


def query(identifier: str, namespace: str, statistic: str, name: str = "m") -> dict[str, Any]:
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": CHAMPION}
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}}


def results(cloudwatch: Any, *queries: dict[str, Any], **request: Any) -> dict[str, list[float]]:
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), ScanBy="TimestampAscending", **{**span(), **request}
    )
    return {each["Id"]: each["Values"] for each in answer["MetricDataResults"]}


def test_statistics_count_values_as_often_as_they_occurred(cloudwatch: Any, namespace: str) -> None:
    put(cloudwatch, namespace, {"MetricName": "m", "Dimensions": CHAMPION, **VALUES})
    asked = {"Namespace": namespace, "MetricName": "m", "Period": 300, **span()}
    points = cloudwatch.get_metric_statistics(
        **asked, Dimensions=CHAMPION, Statistics=["Sum"], ExtendedStatistics=["p50"]
    )["Datapoints"]
    assert [each["Sum"] for each in points] == [70]
    assert points[0]["ExtendedStatistics"] == {"p50": 20}
    only_one = [CHAMPION[0]]
    pooled = cloudwatch.get_metric_statistics(**asked, Dimensions=only_one, Statistics=["Sum"])
    assert pooled["Datapoints"] == []


def test_metric_data_has_every_statistic_and_the_arithmetic_of_them(
    cloudwatch: Any, namespace: str
) -> None:
    put(
        cloudwatch,
        namespace,
        {"MetricName": "m", "Dimensions": CHAMPION, **VALUES},
        {"MetricName": "bad", "Dimensions": CHAMPION, "Value": 1.0},
    )
    found = results(
        cloudwatch,
        query("sum", namespace, "Sum"),
        query("count", namespace, "SampleCount"),
        query("p", namespace, "p99"),
        query("bad", namespace, "Sum", "bad"),
        query("none", namespace, "Sum", "absent"),
        {"Id": "rate", "Expression": "100 * bad / (count - 1 + 1)"},
        {"Id": "filled", "Expression": "FILL(none, 0)"},
    )
    assert (found["sum"], found["count"], found["p"]) == ([70], [4], [20])
    assert (found["none"], found["rate"]) == ([], [25])
    assert set(found["filled"]) == {0}
    assert len(found["filled"]) >= 11


def test_periods_follow_from_the_minute_of_the_start_time(cloudwatch: Any, namespace: str) -> None:
    """As AWS: boto/boto3#3457, and StartTime in GetMetricData's reference."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    at = hour + timedelta(minutes=7)
    for when in (at, at + timedelta(minutes=4, seconds=59), at + timedelta(minutes=5)):
        datum = {"MetricName": "m", "Dimensions": CHAMPION, "Value": 1.0}
        put(cloudwatch, namespace, datum | {"Timestamp": when})
    asked = query("m", namespace, "Sum")
    asked["MetricStat"]["Period"] = 300
    asked_for = {"StartTime": at + timedelta(seconds=34), "EndTime": at + timedelta(minutes=10)}
    assert results(cloudwatch, asked, **asked_for) == {"m": [2, 1]}
    points = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="m",
        Period=300,
        **asked_for,
        Dimensions=CHAMPION,
        Statistics=["Sum"],
    )["Datapoints"]
    found = {each["Timestamp"]: each["Sum"] for each in points}
    assert found == {at: 2, at + timedelta(minutes=5): 1}


def test_metric_data_comes_in_pages_newest_first(cloudwatch: Any, namespace: str) -> None:
    now = datetime.now(UTC)
    for minutes in range(4):
        datum = {"MetricName": "m", "Dimensions": CHAMPION, "Value": float(minutes)}
        put(cloudwatch, namespace, datum | {"Timestamp": now - timedelta(minutes=minutes)})
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[query("m", namespace, "Sum")], MaxDatapoints=3, **span()
    )
    values = [page["MetricDataResults"][0]["Values"] for page in pages]
    assert values == [[0, 1, 2], [3]]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("SUM(METRICS())", "not supported by the local cloud"),
        ("m +", "cannot be read"),
        ("(1, " * 250, "cannot be read"),
        ("9" * 1000, "cannot be read"),
        ("other * 2", "names other"),
        ("__import__('os')", "not supported"),
    ],
)
def test_an_expression_that_is_not_evaluated_is_refused_by_name(
    cloudwatch: Any, namespace: str, expression: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        results(
            cloudwatch,
            query("m", namespace, "Sum"),
            {"Id": "e", "Expression": expression},
        )


def test_what_is_no_datum_is_refused_and_nothing_of_the_request_is_kept(
    cloudwatch: Any, namespace: str
) -> None:
    good = {"MetricName": "m", "Value": 1.0}
    long_ago = datetime.now(UTC) - timedelta(days=30)
    for bad, message in (
        ({"MetricName": "m"}, "neither Value, Values nor StatisticValues"),
        ({"MetricName": "m", "Values": [1.0, 2.0], "Counts": [1.0]}, "2 Values and 1 Counts"),
        ({"MetricName": "m", "Value": 1.0, "Timestamp": long_ago}, "two weeks"),
    ):
        with pytest.raises(ClientError, match=message):
            put(cloudwatch, namespace, good, bad)
    assert cloudwatch.list_metrics(Namespace=namespace)["Metrics"] == []


def test_metrics_are_listed_by_their_dimensions(cloudwatch: Any, namespace: str) -> None:
    put(cloudwatch, namespace, {"MetricName": "m", "Dimensions": CHAMPION, "Value": 1.0})
    put(cloudwatch, namespace, {"MetricName": "m", "Value": 1.0})
    named = {"Name": "VariantName", "Value": "champion"}
    listed = cloudwatch.list_metrics(Namespace=namespace, Dimensions=[named])["Metrics"]
    assert [each["Dimensions"] for each in listed] == [CHAMPION]
    assert len(cloudwatch.list_metrics(Namespace=namespace)["Metrics"]) == 2


def test_the_query_protocol_is_read_and_answered_too(cloud: RunningCloud, namespace: str) -> None:
    form = {
        "Action": "PutMetricData",
        "Namespace": namespace,
        "MetricData.member.1.MetricName": "m",
        "MetricData.member.1.Dimensions.member.1.Name": "a",
        "MetricData.member.1.Dimensions.member.1.Value": "b",
        "MetricData.member.1.StatisticValues.SampleCount": "2",
        "MetricData.member.1.StatisticValues.Sum": "6",
        "MetricData.member.1.StatisticValues.Minimum": "2",
        "MetricData.member.1.StatisticValues.Maximum": "4",
    }
    assert "PutMetricDataResponse" in sent(cloud, form)
    now = datetime.now(UTC)
    form = {
        "Action": "GetMetricStatistics",
        "Namespace": namespace,
        "MetricName": "m",
        "Dimensions.member.1.Name": "a",
        "Dimensions.member.1.Value": "b",
        "StartTime": (now - timedelta(minutes=5)).isoformat(),
        "EndTime": (now + timedelta(minutes=1)).isoformat(),
        "Period": "60",
        "Statistics.member.1": "Average",
    }
    assert "<Average>3.0</Average>" in sent(cloud, form)


def sent(cloud: RunningCloud, form: dict[str, str]) -> str:
    scope = "Credential=test/20260101/us-east-1/monitoring/aws4_request"
    request = urllib.request.Request(  # noqa: S310 - our own loopback server
        cloud.record["url"],
        data=urllib.parse.urlencode(form).encode(),
        headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=x"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        text: str = answer.read().decode()
    return text


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningCloud]:
    with running(tmp_path / "data") as started:
        yield started


def test_metrics_survive_a_kill(own: RunningCloud, namespace: str) -> None:
    put(own.client("cloudwatch"), namespace, {"MetricName": "m", "Dimensions": CHAMPION, **VALUES})
    eventually(lambda: namespace in own.saved("cloudwatch"))
    own.kill()
    own.start()
    found = results(
        own.client("cloudwatch"),
        query("m", namespace, "Sum"),
        query("p", namespace, "p50"),
    )
    assert found == {"m": [70], "p": [20]}
