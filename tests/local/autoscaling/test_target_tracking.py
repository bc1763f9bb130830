"""How many, given how much there is to do for each (local/autoscaling/target_tracking.py)."""

import pytest

from local.autoscaling.target_tracking import scaled_in, scaled_out


@pytest.mark.parametrize(
    ("current", "value", "wanted"),
    [(1, 150, 2), (1, 1000, 10), (2, 101, 3), (3, 100.0 / 3 * 3, 3), (4, 50, 4)],
)
def test_capacity_grows_in_proportion_to_what_there_is_to_do(
    current: int, value: float, wanted: int
) -> None:
    assert scaled_out(current, value, 100, maximum=20) == wanted


def test_capacity_does_not_grow_above_the_maximum() -> None:
    assert scaled_out(2, 10_000, 100, maximum=4) == 4
    assert scaled_out(5, 10_000, 100, maximum=4) == 5  # what is above it is not this rule's matter


@pytest.mark.parametrize(
    ("current", "values", "wanted"),
    [
        (4, [0, 0, 0], 3),  # one at a time
        (40, [0, 0, 0], 36),  # a tenth at a time
        (4, [10, 89, 10], 4),  # three would have 119 each
        (4, [10, 70, 10], 3),
        (1, [0], 1),
    ],
)
def test_capacity_shrinks_gradually_and_only_if_the_rest_can_do_it(
    current: int, values: list[float], wanted: int
) -> None:
    assert scaled_in(current, values, 100, minimum=1) == wanted


def test_capacity_does_not_shrink_below_the_minimum() -> None:
    assert scaled_in(3, [0], 100, minimum=3) == 3
