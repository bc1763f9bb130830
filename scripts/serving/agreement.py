"""How far two models agree on the same photos, and how sure that is; arithmetic only."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Z_95: Final = 1.959963984540054
"""Of the normal distribution: 95 % lie within so many standard deviations."""

LEAST_PAIRS: Final = 100
"""Fewer prove nothing, whatever they say."""


class Answer(NamedTuple):
    """A model's most likely class, by its place in the class names, and its probability."""

    label: int
    probability: float


class Interval(NamedTuple):
    """A 95 % confidence interval."""

    low: float
    high: float


def tenths(share: float) -> str:
    """A share from 0 to 1 in percent with one decimal: `96.1 %`."""
    return f"{100 * share:.1f} %"


def wilson(successes: int, trials: int, z: float = Z_95) -> Interval:
    """The interval of a share of successes (E. B. Wilson, 1927).

    Unlike the textbook's, it stays within 0 and 1 and is no point when all trials succeed.
    Without trials nothing is known: 0 to 1.
    """
    if trials == 0:
        return Interval(0.0, 1.0)
    share, z2 = successes / trials, z * z
    centre = share + z2 / (2 * trials)
    margin = z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    scale = 1 + z2 / trials
    # At the ends rounding would leave a hair of the exact 0 or 1.
    low = 0.0 if successes == 0 else (centre - margin) / scale
    high = 1.0 if successes == trials else (centre + margin) / scale
    return Interval(low, high)


@dataclass(kw_only=True)
class Mean:
    """A mean and its interval, one value at a time (Welford's method: no value is kept)."""

    count: int = 0
    mean: float = 0.0
    _squares: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self._squares += delta * (value - self.mean)

    def interval(self, z: float = Z_95) -> Interval | None:
        """By the normal approximation; None for fewer than two values, which do not vary."""
        if self.count < 2:
            return None
        margin = z * math.sqrt(self._squares / (self.count - 1) / self.count)
        return Interval(self.mean - margin, self.mean + margin)


@dataclass(kw_only=True)
class Comparison:
    """Pairs of answers of the champion and its shadow to the same requests."""

    pairs: int = 0
    agreed: int = 0
    cells: Counter[tuple[int, int]] = field(default_factory=Counter)
    """How often the champion said the one class and the shadow the other; of agreement too."""

    confidence_shift: Mean = field(default_factory=Mean)
    """The shadow's probability of its most likely class minus the champion's of its own."""

    def add(self, champion: Answer, shadow: Answer) -> None:
        self.pairs += 1
        self.agreed += champion.label == shadow.label
        self.cells[champion.label, shadow.label] += 1
        self.confidence_shift.add(shadow.probability - champion.probability)

    @property
    def agreement(self) -> float | None:
        """From 0 to 1; None without pairs."""
        return self.agreed / self.pairs if self.pairs else None

    @property
    def interval(self) -> Interval:
        return wilson(self.agreed, self.pairs)

    def disagreements(self) -> list[tuple[tuple[int, int], int]]:
        """The cells off the diagonal, the most frequent first."""
        found = [(cell, count) for cell, count in self.cells.items() if cell[0] != cell[1]]
        return sorted(found, key=lambda row: (-row[1], row[0]))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What follows from a comparison, in one word and in one sentence."""

    word: Literal["agrees", "differs", "not enough"]
    sentence: str


def verdict(found: Comparison, at_least: float, least_pairs: int = LEAST_PAIRS) -> Verdict:
    """Whether the models agree on at least this share of requests, as far as the pairs can tell.

    `agrees` and `differs` are said only when the whole interval is on one side of `at_least`.
    """
    if found.agreement is None or found.pairs < least_pairs:
        pairs = f"{found.pairs:,} pair{'' if found.pairs == 1 else 's'}"
        return Verdict(
            word="not enough",
            sentence=f"not enough: {pairs}, and fewer than {least_pairs} say nothing",
        )
    low, high = found.interval
    measured = (
        f"{found.agreed:,} of {found.pairs:,} pairs have the same class, {tenths(found.agreement)} "
        f"(95 % interval {tenths(low)} to {tenths(high)})"
    )
    if low >= at_least:
        return Verdict(
            word="agrees", sentence=f"agrees: {measured}; at least {tenths(at_least)} is asked for"
        )
    if high < at_least:
        return Verdict(
            word="differs",
            sentence=f"differs: {measured}; at least {tenths(at_least)} is asked for",
        )
    return Verdict(
        word="not enough",
        sentence=f"not enough: {measured}, which leaves open whether at least {tenths(at_least)} "
        "agree; wait for more traffic",
    )
