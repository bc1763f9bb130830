"""How a training job ended, as its instance tells the cloud."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FinalMetric:
    """The last value of a metric."""

    name: str
    value: float
    when: float


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a job ended: Completed, Failed, Stopped or MaxRuntimeExceeded."""

    outcome: str
    reason: str | None = None
    artifact: str | None = None
    metrics: tuple[FinalMetric, ...] = ()
