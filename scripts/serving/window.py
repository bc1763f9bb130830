"""A stretch of time that ends now, as CloudWatch wants it: whole minutes, one period."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import click

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
LONGEST: Final = timedelta(days=60)
_MINUTE, _FIVE_MINUTES = timedelta(minutes=1), timedelta(minutes=5)
# CloudWatch keeps data points of a minute for 15 days, of five minutes for 63 (API: MetricStat).
_MINUTES_ARE_KEPT: Final = timedelta(days=15)


@dataclass(frozen=True, kw_only=True)
class Window:
    """From `start` to `end`, both UTC and on a whole period of the data points."""

    start: datetime
    end: datetime
    words: str
    """As the operator wrote it: `1h`."""

    @property
    def period_seconds(self) -> int:
        """One period for all of it: percentiles of parts do not add up to one of the whole."""
        return int((self.end - self.start).total_seconds())

    def from_at_least(self, moment: datetime) -> "Window":
        """This window without what lies before `moment`, but for the rest of its minute."""
        if moment <= self.start:
            return self
        grain = (
            _MINUTE if self.period_seconds <= _MINUTES_ARE_KEPT.total_seconds() else _FIVE_MINUTES
        )
        skipped = (moment - self.start) // grain * grain
        return replace(self, start=min(self.start + skipped, self.end - grain))


def clock(moment: datetime) -> str:
    """A moment in UTC, with its date unless that is today's: `19:58 UTC`."""
    there = moment.astimezone(UTC)
    date = "" if there.date() == datetime.now(UTC).date() else f"{there:%Y-%m-%d} "
    return f"{date}{there:%H:%M} UTC"


def window(words: str, now: datetime | None = None) -> Window:
    """The last `15m`, `2h` or `1d`. Raises ValueError with the rule for anything else."""
    found = re.fullmatch(r"([1-9]\d{0,5})([mhd])", words)
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    if length is None or length > LONGEST:
        raise ValueError(f"a time such as 15m, 2h or 1d, at most {LONGEST.days}d")
    grain = _MINUTE if length <= _MINUTES_ARE_KEPT - _FIVE_MINUTES else _FIVE_MINUTES
    moment = now or datetime.now(UTC)
    past_the_grain = (moment - datetime.min.replace(tzinfo=UTC)) % grain
    end = moment - past_the_grain + grain
    start = end - grain - -(-length // grain) * grain
    return Window(start=start, end=end, words=words)


class Since(click.ParamType[Window]):
    """`--since 2h`."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Window:
        if isinstance(value, Window):
            return value
        try:
            return window(str(value))
        except ValueError as rule:
            self.fail(f"{value!r} is not {rule}", param, ctx)
