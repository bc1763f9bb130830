"""The arithmetic of a comparison, against published values and the standard library."""

import math
import random
import statistics

import pytest

from scripts.serving.agreement import Answer, Comparison, Mean, verdict, wilson


# R. G. Newcombe, Statistics in Medicine 17 (1998), table I: the score method without correction.
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson(successes, trials)
    assert found == pytest.approx((low, high), abs=5e-5)
    mirrored = wilson(trials - successes, trials)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_nothing_is_known_without_trials_and_success_alone_is_no_certainty() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(100, 100)
    assert high == 1.0
    assert 0.96 < low < 0.97


def test_a_mean_and_its_interval_are_the_textbooks_without_keeping_the_values() -> None:
    luck = random.Random(3)  # noqa: S311 - any numbers do
    values = [1e6 + luck.gauss(0, 1) for _ in range(500)]
    found = Mean()
    for value in values:
        found.add(value)
    assert found.mean == pytest.approx(statistics.mean(values))
    interval = found.interval()
    assert interval is not None
    margin = 1.959963984540054 * statistics.stdev(values) / math.sqrt(500)
    assert interval.high - found.mean == pytest.approx(margin)
    assert found.mean - interval.low == pytest.approx(margin)


def test_one_value_has_no_interval() -> None:
    found = Mean()
    found.add(1.0)
    assert found.interval() is None


def compared(agreed: int, differed: int) -> Comparison:
    found = Comparison()
    for _ in range(agreed):
        found.add(Answer(0, 0.9), Answer(0, 0.8))
    for _ in range(differed):
        found.add(Answer(1, 0.5), Answer(2, 0.7))
    return found


def test_disagreements_are_told_by_class_and_confidence_by_its_shift() -> None:
    found = compared(6, 4)
    assert found.disagreements() == [((1, 2), 4)]
    assert found.cells[0, 0] == 6
    assert found.agreement == pytest.approx(0.6)
    assert found.confidence_shift.mean == pytest.approx((6 * -0.1 + 4 * 0.2) / 10)


@pytest.mark.parametrize(
    ("agreed", "differed", "word"),
    [
        (0, 0, "not enough"),
        (99, 0, "not enough"),
        (100, 0, "agrees"),
        (990, 10, "agrees"),
        (97, 3, "not enough"),
        (960, 40, "not enough"),
        (9600, 400, "agrees"),
        (93, 7, "not enough"),
        (930, 70, "differs"),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(
    agreed: int, differed: int, word: str
) -> None:
    found = verdict(compared(agreed, differed), at_least=0.95)
    assert found.word == word
    assert found.sentence.startswith(word)
