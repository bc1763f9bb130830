"""One metric over time: fine where it is recent, coarser the older it gets, then forgotten."""

import json
from collections.abc import Iterator

from local.cloudwatch.distribution import Distribution

HOUR, DAY = 3600, 24 * 3600
TIERS = ((HOUR // 4, 1), (3 * HOUR, 60), (14 * DAY, 300))
"""Up to which age (seconds), at which resolution. AWS has the same steps and keeps each longer: a
second for 3 hours, a minute for 15 days, five minutes for 63."""
LONGEST = TIERS[-1][0]

Slots = dict[int, Distribution]


class Series:
    """The slots of one metric in one unit. Not thread-safe: `Metrics` holds the lock."""

    def __init__(self) -> None:
        self._tiers: tuple[Slots, ...] = tuple({} for _ in TIERS)
        self._texts: dict[tuple[int, int], str] = {}
        self.newest = 0.0

    def __bool__(self) -> bool:
        return any(self._tiers)

    def add(self, when: float, values: Distribution, now: float) -> None:
        """Take values in. Those too old to be kept are dropped."""
        if not values.count:
            return
        self.newest = max(self.newest, when)
        for tier, (age, resolution) in enumerate(TIERS):
            if now - when < age:
                self._put(tier, int(when // resolution) * resolution, values)
                return

    def age(self, now: float) -> None:
        """Move what has grown old to a coarser tier, and forget what is older than the last."""
        for tier, (age, _) in enumerate(TIERS):
            for start in [start for start in self._tiers[tier] if now - start >= age]:
                values = self._tiers[tier].pop(start)
                self._texts.pop((tier, start), None)
                if tier + 1 < len(TIERS):
                    resolution = TIERS[tier + 1][1]
                    self._put(tier + 1, start // resolution * resolution, values)

    def slots(self, start: float, end: float) -> Iterator[tuple[int, Distribution]]:
        """Everything whose slot begins in [start, end), in no order."""
        for tier in self._tiers:
            for when, values in tier.items():
                if start <= when < end:
                    yield when, values

    def _put(self, tier: int, start: int, values: Distribution) -> None:
        self._tiers[tier].setdefault(start, Distribution()).add(values)
        self._texts.pop((tier, start), None)

    def saved(self) -> list[list[str]]:
        """As JSON values: a text for each slot, made once, because a slot seldom changes and the
        state is saved every few seconds."""
        return [
            [self._text(tier, start) for start in self._tiers[tier]] for tier in range(len(TIERS))
        ]

    def _text(self, tier: int, start: int) -> str:
        text = self._texts.get((tier, start))
        if text is None:
            text = json.dumps([start, *self._tiers[tier][start].saved()], separators=(",", ":"))
            self._texts[tier, start] = text
        return text

    @classmethod
    def restored(cls, saved: list[list[str]]) -> "Series":
        """What `saved` gave."""
        made = cls()
        for tier, texts in enumerate(saved):
            for text in texts:
                start, *values = json.loads(text)
                made._tiers[tier][start] = Distribution.restored(values)
                made.newest = max(made.newest, start)
        return made
