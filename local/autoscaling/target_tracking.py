"""The arithmetic of target tracking: how many, given how much there is to do for each."""

import math
from collections.abc import Sequence

SCALE_IN_SHARE = 10
"""At most one tenth of the capacity is taken away at once, but always one: AWS only says that it
scales in more gradually than out."""
LOW_SHARE = 0.9
"""AWS scales in below nine tenths of the target, so that it does not swing around it."""


def scaled_out(current: int, value: float, target: float, maximum: int) -> int:
    """As much as brings the metric back to the target, in proportion, within the maximum."""
    return max(current, min(maximum, _needed(current, value, target)))


def scaled_in(current: int, values: Sequence[float], target: float, minimum: int) -> int:
    """A little less than now, if even the highest of the values then stays below the target."""
    wanted = max(_needed(current, value, target) for value in values)
    gradual = current - max(1, current // SCALE_IN_SHARE)
    return min(current, max(minimum, wanted, gradual))


def _needed(current: int, value: float, target: float) -> int:
    # 3 * (100.0 / 3 * 3) / 100 is a hair above 3: what is due to arithmetic needs no instance.
    return math.ceil(round(current * value / target, 9))
