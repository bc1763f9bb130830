"""The values of one metric in one stretch of time, and every statistic of them."""

import re
from collections.abc import Mapping
from typing import Any

EXACT_VALUES = 256
"""So many different values are kept as they are."""
COARSE_VALUES = 2048
"""So many are kept with three significant digits (percentiles then err by half a percent at most),
and beyond that with two."""
_LIMITS = {None: (EXACT_VALUES, 3), 3: (COARSE_VALUES, 2)}
_PERCENTILE = re.compile(r"[pP](\d{1,2}(?:\.\d{1,10})?|100)")


class Distribution:
    """Counts, sums and extremes are exact however many values there are; percentiles nearly so."""

    __slots__ = ("count", "digits", "high", "low", "samples", "total")

    def __init__(self) -> None:
        self.count = 0.0
        self.total = 0.0
        self.low = float("inf")
        self.high = float("-inf")
        self.samples: dict[float, float] | None = {}
        """How often each value occurred; None when nobody knows, or one is below zero: then
        CloudWatch has no percentiles."""
        self.digits: int | None = None
        """To how many significant digits the samples were rounded."""

    @classmethod
    def of_values(cls, values: Mapping[float, float]) -> "Distribution":
        """From values and how often each occurred."""
        made = cls()
        seen = {value: count for value, count in values.items() if count > 0}
        if seen:
            made.count = sum(seen.values())
            made.total = sum(value * count for value, count in seen.items())
            made.low, made.high = min(seen), max(seen)
            made._take(seen)
        return made

    @classmethod
    def of_statistics(cls, count: float, total: float, low: float, high: float) -> "Distribution":
        """From a published statistic set; it has percentiles only if all its values are one."""
        if low == high and total == low * count:
            return cls.of_values({low: count})
        made = cls()
        if count > 0:
            made.count, made.total, made.low, made.high = count, total, low, high
            made.samples = None
        return made

    def add(self, other: "Distribution") -> None:
        """Take the values of another distribution in."""
        self.count += other.count
        self.total += other.total
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)
        if self.samples is None or other.samples is None:
            self.samples = None
            return
        self._take(other.samples, other.digits)

    def statistic(self, name: str) -> float | None:
        """`Sum`, `p99` and so on; None where there are no values, or no percentiles of them."""
        if not self.count:
            return None
        match name:
            case "SampleCount":
                return self.count
            case "Sum":
                return self.total
            case "Average":
                return self.total / self.count
            case "Minimum":
                return self.low
            case "Maximum":
                return self.high
        return self._percentile(percentile_of(name))

    def _percentile(self, percentile: float) -> float | None:
        """Interpolated linearly between the two nearest ranks."""
        if not self.samples:
            return None
        rank = percentile / 100 * max(0.0, self.count - 1)
        seen, below = 0.0, None
        for value, count in sorted(self.samples.items()):
            if below is not None:
                return below + (rank - int(rank)) * (value - below)
            seen += count
            if int(rank) < seen:
                if int(rank) + 1 < seen or rank == int(rank):
                    return value
                below = value
        return below

    def _take(self, values: Mapping[float, float], digits: int | None = None) -> None:
        samples = self.samples
        if samples is None or self.low < 0:
            self.samples = None
            return
        coarse = self.digits is None or (digits is not None and digits <= self.digits)
        for value, count in values.items():
            kept = value if coarse else _rounded(value, self.digits or 0)
            samples[kept] = samples.get(kept, 0.0) + count
        while self.digits in _LIMITS and len(samples) > _LIMITS[self.digits][0]:
            self.digits = _LIMITS[self.digits][1]
            finer, samples = samples, {}
            for value, count in finer.items():
                kept = _rounded(value, self.digits)
                samples[kept] = samples.get(kept, 0.0) + count
        self.samples = samples

    def saved(self) -> list[Any]:
        """As JSON values."""
        samples = None if self.samples is None else [*self.samples, *self.samples.values()]
        return [self.count, self.total, self.low, self.high, samples]

    @classmethod
    def restored(cls, saved: list[Any]) -> "Distribution":
        """What `saved` gave."""
        made = cls()
        made.count, made.total, made.low, made.high, samples = saved
        if samples is None:
            made.samples = None
        else:
            half = len(samples) // 2
            made._take(dict(zip(samples[:half], samples[half:], strict=True)))
        return made


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def percentile_of(statistic: str) -> float:
    """The number in a name like `p99.9`. Raises ValueError for the name of no percentile."""
    match = _PERCENTILE.fullmatch(statistic)
    if match is None:
        raise ValueError(f"{statistic} is not a percentile such as p99 or p99.9")
    return float(match[1])


STATISTICS = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")


def is_statistic(name: str) -> bool:
    """Whether `Distribution.statistic` knows the name."""
    return name in STATISTICS or _PERCENTILE.fullmatch(name) is not None
