"""When an endpoint is in trouble, in the terms of its CloudWatch metrics (facts sheet C.12)."""

from dataclasses import dataclass
from typing import Final

from config.errors import require

PERIODS_SECONDS: Final = (10, 30)
"""Below a minute CloudWatch knows these two; above, whole minutes."""

_DAY_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class AlarmSettings:
    """One alarm for errors and one for latency on every variant of every endpoint."""

    error_percent: float = 1.0
    """Of a period's requests, how many the model may fail: answer with anything but a 2xx, too late
    or not at all. Of a serverless endpoint CloudWatch knows the 5xx alone."""

    latency_p99_milliseconds: float = 2000.0
    """The model's own time that one in a hundred requests may exceed."""

    period_seconds: int = 60
    evaluation_periods: int = 3
    datapoints_to_alarm: int = 2
    """So many of the evaluation periods must be bad."""

    def __post_init__(self) -> None:
        rules = (
            ("error_percent", self.error_percent, 0 < self.error_percent <= 100, "above 0, to 100"),
            (
                "latency_p99_milliseconds",
                self.latency_p99_milliseconds,
                0 < self.latency_p99_milliseconds <= 60_000,
                "above 0 and at most 60000, the time after which SageMaker gives up",
            ),
            (
                "period_seconds",
                self.period_seconds,
                self.period_seconds in PERIODS_SECONDS
                or (self.period_seconds >= 60 and self.period_seconds % 60 == 0),
                "10, 30 or a multiple of 60",
            ),
            (
                "evaluation_periods",
                self.evaluation_periods,
                self.evaluation_periods >= 1
                and self.evaluation_periods * self.period_seconds <= _DAY_SECONDS,
                "1 or more, and with period_seconds at most a day, which CloudWatch looks back",
            ),
            (
                "datapoints_to_alarm",
                self.datapoints_to_alarm,
                1 <= self.datapoints_to_alarm <= self.evaluation_periods,
                f"from 1 to evaluation_periods ({self.evaluation_periods})",
            ),
        )
        for what, found, holds, limit in rules:
            require(holds, f"alarms.{what}", found=found, limit=limit)

    @property
    def reaction_seconds(self) -> int:
        """How long the metrics have to be bad for ALARM; that they come late is added to it."""
        return self.period_seconds * self.datapoints_to_alarm
