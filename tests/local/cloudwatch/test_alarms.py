"""When an alarm is in ALARM (local/cloudwatch/alarms.py): the tables of CloudWatch's own
documentation, "Configuring how CloudWatch alarms treat missing data"."""

from typing import Any

import pytest

from local.cloudwatch.alarms import Datapoint, Rule, datapoints, judge
from local.cloudwatch.distribution import Distribution
from local.cloudwatch.metrics import Metric, Metrics
from local.sagemaker.ports import Scope

SCOPE = Scope(account="000000000000", region="us-east-1")
OK, ALARM, NONE, STAYS = "OK", "ALARM", "INSUFFICIENT_DATA", None
METHODS = ("missing", "ignore", "breaching", "notBreaching")
METRIC = Metric.of("N", "m", {"VariantName": "champion"})


def rule(**changes: Any) -> Rule:
    described: dict[str, Any] = {
        "Namespace": "N",
        "MetricName": "m",
        "Dimensions": [{"Name": "VariantName", "Value": "champion"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    found = Rule.of(described | changes)
    assert found is not None
    return found


def drawn(picture: str) -> list[Datapoint]:
    """Datapoints as the documentation draws them: the newest at the right."""
    values = {"0": 0.0, "X": 5.0, "-": None}
    return [Datapoint(start=0.0, value=values[each]) for each in reversed(picture.split())]


@pytest.mark.parametrize(
    ("picture", "states"),
    [
        ("0 - X - X", (OK, OK, OK, OK)),
        ("0 - - - -", (OK, OK, OK, OK)),
        ("- - - - -", (NONE, STAYS, ALARM, OK)),
        ("0 X X - X", (ALARM, ALARM, ALARM, ALARM)),
        ("- - X - -", (ALARM, STAYS, ALARM, OK)),
        ("- - - - X", (STAYS, STAYS, ALARM, OK)),
        ("- - - X -", (STAYS, STAYS, ALARM, OK)),
    ],
)
def test_three_of_three_datapoints_follow_the_documented_table(
    picture: str, states: tuple[str | None, ...]
) -> None:
    for method, state in zip(METHODS, states, strict=True):
        verdict = judge(rule(TreatMissingData=method), drawn(picture))
        assert (verdict and verdict.state) == state, (picture, method)


@pytest.mark.parametrize(
    ("picture", "states"),
    [
        ("0 - X - X", (ALARM, ALARM, ALARM, ALARM)),
        ("0 0 X 0 X", (ALARM, ALARM, ALARM, ALARM)),
        ("0 - X - -", (OK, OK, ALARM, OK)),
        ("- - - - 0", (OK, OK, ALARM, OK)),
        ("- - - X -", (ALARM, STAYS, ALARM, OK)),
    ],
)
def test_two_of_three_datapoints_follow_the_documented_table(
    picture: str, states: tuple[str | None, ...]
) -> None:
    for method, state in zip(METHODS, states, strict=True):
        two_of_three = rule(TreatMissingData=method, DatapointsToAlarm=2)
        verdict = judge(two_of_three, drawn(picture))
        assert (verdict and verdict.state) == state, (picture, method)


@pytest.mark.parametrize(
    ("operator", "value", "breaches"),
    [
        ("GreaterThanThreshold", 1.0, False),
        ("GreaterThanOrEqualToThreshold", 1.0, True),
        ("LessThanThreshold", 1.0, False),
        ("LessThanOrEqualToThreshold", 1.0, True),
        ("LessThanThreshold", 0.5, True),
        ("GreaterThanThreshold", 1.5, True),
    ],
)
def test_a_threshold_is_crossed_as_the_operator_says(
    operator: str, value: float, breaches: bool
) -> None:
    assert rule(ComparisonOperator=operator).breaches(value) is breaches


def test_an_alarm_on_an_anomaly_band_has_no_rule() -> None:
    described = {"MetricName": "m", "ComparisonOperator": "LessThanLowerThreshold"}
    assert Rule.of(described) is None


def test_the_reason_names_the_datapoints_the_threshold_and_the_way() -> None:
    verdict = judge(rule(DatapointsToAlarm=2), drawn("0 X X"))
    assert verdict is not None
    assert verdict.reason == (
        "Threshold Crossed: 2 out of the last 3 datapoints [5.0 (01/01/70 00:00:00), "
        "5.0 (01/01/70 00:00:00)] were greater than the threshold (1.0) "
        "(minimum 2 datapoints for OK -> ALARM transition)."
    )


def published(metrics: Metrics, value: float, when: float, unit: str = "None") -> None:
    values = Distribution.of_values({value: 1})
    metrics.add(SCOPE, METRIC, unit, when, values, when)


def test_the_newest_period_ends_now() -> None:
    metrics, now = Metrics(), 1_000_030.0
    published(metrics, 1, now)
    published(metrics, 2, now - 59)
    published(metrics, 4, now - 61)
    found = [each.value for each in datapoints(rule(), metrics, SCOPE, now)]
    assert found == [3.0, 4.0, None, None, None]


def test_only_the_alarms_own_dimensions_count() -> None:
    metrics, now = Metrics(), 1_000_000.0
    other = Metric.of("N", "m", {"VariantName": "challenger"})
    metrics.add(SCOPE, other, "None", now, Distribution.of_values({9.0: 1}), now)
    metrics.add(SCOPE, Metric.of("N", "m", {}), "None", now, Distribution.of_values({9.0: 1}), now)
    assert all(each.value is None for each in datapoints(rule(), metrics, SCOPE, now))


def test_an_alarm_with_a_unit_sees_that_unit_alone() -> None:
    metrics, now = Metrics(), 1_000_000.0
    published(metrics, 7, now, unit="Seconds")
    published(metrics, 9, now, unit="Count")
    assert datapoints(rule(Unit="Count"), metrics, SCOPE, now)[0].value == 9
    assert datapoints(rule(), metrics, SCOPE, now)[0].value == 16


def test_a_period_that_passes_faster_has_its_sums_scaled_and_its_averages_not() -> None:
    metrics, now = Metrics(), 1_000_000.0
    published(metrics, 10, now)
    fast = datapoints(rule(), metrics, SCOPE, now, period_seconds=6)
    assert fast[0].value == 100
    average = rule(Statistic="Average")
    assert datapoints(average, metrics, SCOPE, now, period_seconds=6)[0].value == 10
