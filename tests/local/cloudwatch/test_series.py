"""Metrics over time (local/cloudwatch/series.py, metrics.py)."""

import json

from local.cloudwatch.distribution import Distribution
from local.cloudwatch.metrics import Metric, Metrics
from local.cloudwatch.series import DAY, HOUR, TIERS, Series
from local.sagemaker.ports import Scope

SCOPE = Scope(account="000000000000", region="us-east-1")
METRIC = Metric.of("N", "m", {})
START = 1_000_000 * 300


def one(value: float) -> Distribution:
    return Distribution.of_values({value: 1})


def total(series: Series) -> float:
    everything = Distribution()
    for _, values in series.slots(0, float("inf")):
        everything.add(values)
    return everything.statistic("Sum") or 0.0


def test_what_grows_old_is_kept_at_a_coarser_resolution_and_loses_nothing() -> None:
    series = Series()
    for second in range(600):
        series.add(START + second, one(1), START + second)
    assert len(list(series.slots(0, float("inf")))) == 600
    for age, slots in ((TIERS[0][0] + 600, 10), (TIERS[1][0] + 600, 2)):
        series.age(START + age)
        assert len(list(series.slots(0, float("inf")))) == slots
        assert total(series) == 600
    series.age(START + 600 + TIERS[2][0])
    assert not series


def test_late_data_go_where_data_of_their_age_are() -> None:
    series = Series()
    series.add(START, one(1), START + 2 * HOUR)
    series.add(START, one(2), START + 2 * DAY)
    series.add(START, one(4), START + 15 * DAY)  # too late
    assert total(series) == 3


def test_a_saved_slot_is_written_anew_when_it_changed() -> None:
    series = Series()
    series.add(START, one(1), START)
    series.saved()
    series.add(START, one(2), START)
    series.add(START + 1, one(4), START)
    restored = Series.restored(json.loads(json.dumps(series.saved())))
    assert total(restored) == 7
    assert restored.saved() == series.saved()


def test_periods_are_counted_from_the_start() -> None:
    metrics = Metrics()
    for second in (0, 59, 60, 150):
        metrics.add(SCOPE, METRIC, "None", START + second, one(1), START + 200)
    found = metrics.buckets(SCOPE, METRIC, START, START + 150, 60)
    assert {number: each.count for number, each in found.items()} == {0: 2, 1: 1}


def test_another_account_or_region_has_metrics_of_its_own() -> None:
    metrics = Metrics()
    metrics.add(SCOPE, METRIC, "None", START, one(1), START)
    other = Scope(account=SCOPE.account, region="eu-west-1")
    assert metrics.known(other) == []
    assert metrics.known(SCOPE) == [(METRIC, START)]


def test_metrics_that_nobody_publishes_any_more_are_forgotten() -> None:
    metrics = Metrics()
    metrics.add(SCOPE, METRIC, "None", START, one(1), START)
    later = START + 15 * DAY
    metrics.add(SCOPE, Metric.of("N", "other", {}), "None", later, one(1), later)
    assert [metric.name for metric, _ in metrics.known(SCOPE)] == ["other"]


def test_what_was_saved_is_restored() -> None:
    metrics, restored = Metrics(), Metrics()
    metrics.add(SCOPE, METRIC, "Count", START, one(3), START)
    metrics.add(SCOPE, METRIC, "None", START, one(-1), START)
    restored.restore(json.loads(json.dumps(metrics.snapshot())))
    assert restored.snapshot() == metrics.snapshot()
    assert restored.units(SCOPE, METRIC) == ["Count", "None"]
