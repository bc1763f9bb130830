"""Statistics of published values (local/cloudwatch/distribution.py)."""

import random

import pytest

from local.cloudwatch.distribution import COARSE_VALUES, EXACT_VALUES, Distribution


def test_values_count_as_often_as_they_occurred() -> None:
    values = Distribution.of_values({10.0: 1, 20.0: 3})
    found = {name: values.statistic(name) for name in ("SampleCount", "Sum", "Average")}
    assert found == {"SampleCount": 4, "Sum": 70, "Average": 17.5}
    assert (values.statistic("Minimum"), values.statistic("Maximum")) == (10, 20)


@pytest.mark.parametrize(
    ("name", "value"), [("p0", 1), ("p50", 2.5), ("p100", 4), ("p75", 3.25), ("P50", 2.5)]
)
def test_percentiles_lie_between_the_two_nearest_ranks(name: str, value: float) -> None:
    values = Distribution.of_values(dict.fromkeys((1.0, 2.0, 3.0, 4.0), 1))
    assert values.statistic(name) == pytest.approx(value)


def test_nothing_has_no_statistics() -> None:
    assert Distribution().statistic("Sum") is None
    assert Distribution().statistic("p99") is None


def test_a_negative_value_leaves_no_percentiles() -> None:
    values = Distribution.of_values({-1.0: 1, 1.0: 1})
    assert values.statistic("p50") is None
    assert values.statistic("Average") == 0


def test_a_statistic_set_has_percentiles_only_if_its_values_are_all_one() -> None:
    mixed = Distribution.of_statistics(3, 6, 1, 3)
    assert (mixed.statistic("Average"), mixed.statistic("p50")) == (2, None)
    assert Distribution.of_statistics(3, 6, 2, 2).statistic("p99") == 2


def test_many_values_stay_few_while_their_percentiles_stay_true() -> None:
    source = random.Random(7)  # noqa: S311 - a sample, not a secret
    drawn = sorted(source.lognormvariate(8, 0.5) for _ in range(10_000))
    values = Distribution()
    for each in drawn:
        values.add(Distribution.of_values({each: 1}))
    assert values.samples is not None
    assert len(values.samples) <= COARSE_VALUES
    assert values.statistic("Sum") == pytest.approx(sum(drawn))
    assert values.statistic("Maximum") == drawn[-1]
    for percentile in (50, 90, 99):
        exact = drawn[int(percentile / 100 * (len(drawn) - 1))]
        assert values.statistic(f"p{percentile}") == pytest.approx(exact, rel=0.01)


def test_few_values_are_kept_exactly() -> None:
    exact = {1000.0 + each / 7: 1.0 for each in range(EXACT_VALUES)}
    assert Distribution.of_values(exact).samples == exact


@pytest.mark.parametrize(
    "values", [Distribution.of_values({1.5: 2, 7.0: 1}), Distribution.of_statistics(3, 6, 1, 3)]
)
def test_what_was_saved_is_restored(values: Distribution) -> None:
    assert Distribution.restored(values.saved()).saved() == values.saved()
