"""Production and shadow answers, brought together by request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from scripts.serving.agreement import Comparison
from scripts.serving.captured import CapturedAnswer

_PATIENCE: Final = timedelta(hours=1)
"""The two records of a request are at most this far apart: one hour's folder and the next."""


@dataclass(kw_only=True)
class Pairing:
    """Compares answers as they come, and keeps only those whose partner has not come yet."""

    comparison: Comparison = field(default_factory=Comparison)
    unpaired_champion: int = 0
    """Answers whose partner never came: not copied, not captured, or failed."""

    unpaired_shadow: int = 0
    repeated: int = 0
    """Answers under a request's name that another answer had already: they pair with nothing."""

    unreadable: int = 0
    _champions: dict[bytes, CapturedAnswer] = field(default_factory=dict)
    _shadows: dict[bytes, CapturedAnswer] = field(default_factory=dict)

    def add(self, captured: CapturedAnswer, *, shadow: bool) -> None:
        """Compare with the partner, if that came already; otherwise wait for it."""
        own, others = self._champions, self._shadows
        if shadow:
            own, others = others, own
        partner = others.pop(captured.request, None)
        if partner is None:
            self.repeated += captured.request in own
            own.setdefault(captured.request, captured)
        elif shadow:
            self.comparison.add(partner.answer, captured.answer)
        else:
            self.comparison.add(captured.answer, partner.answer)

    def forget(self, before: datetime) -> None:
        """Give up answers too old to find a partner among those from `before` on."""
        self.unpaired_champion += _drop(self._champions, before - _PATIENCE)
        self.unpaired_shadow += _drop(self._shadows, before - _PATIENCE)

    def end(self) -> None:
        """No more answers come."""
        self.unpaired_champion += len(self._champions)
        self.unpaired_shadow += len(self._shadows)
        self._champions.clear()
        self._shadows.clear()


def _drop(waiting: dict[bytes, CapturedAnswer], before: datetime) -> int:
    old = [request for request, each in waiting.items() if each.when < before]
    for request in old:
        del waiting[request]
    return len(old)


def in_step(champion: Sequence[str], shadow: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Both variants' objects of an hour by time, each with whether it is the shadow's.

    An object's name begins with its minute and second, so few answers wait for their partner.
    """
    both = [(key, False) for key in champion] + [(key, True) for key in shadow]
    yield from sorted(both, key=lambda row: row[0].rpartition("/")[2])
