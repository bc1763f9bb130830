"""An endpoint on instances that always run (facts sheet C.5)."""

from dataclasses import dataclass
from typing import Final, Literal

from config.errors import require
from config.instance_type import check_instance_type
from config.scaling import ScalingSettings

METRIC_PERIODS_SECONDS: Final = (10, 30, 60, 120, 180, 240, 300)
DEFAULT_METRICS_PERIOD_SECONDS: Final = 60
_TIMEOUT_SECONDS: Final = (60, 3600)


@dataclass(frozen=True, kw_only=True)
class RealtimeSettings:
    """Each variant runs on instances of its own, which bill while they run."""

    instance_type: str
    """CPU or GPU; the built-in image serves on either (facts A.3)."""

    instance_count: int = 1
    """Of each variant at its creation; two or more are spread over availability zones."""

    scaling: ScalingSettings | None = None
    """None keeps the number of instances."""

    routing_strategy: Literal["LEAST_OUTSTANDING_REQUESTS", "RANDOM"] = "LEAST_OUTSTANDING_REQUESTS"
    startup_timeout_seconds: int | None = None
    """From the start of a model server to its first healthy answer; None is SageMaker's 240."""

    download_timeout_seconds: int | None = None
    """To fetch and unpack the artifact; None is SageMaker's own limit."""

    metrics_period_seconds: int = DEFAULT_METRICS_PERIOD_SECONDS
    """How often SageMaker publishes the endpoint's metrics."""

    def __post_init__(self) -> None:
        check_instance_type("realtime.instance_type", self.instance_type, example="ml.m5.large")
        require(
            self.instance_count >= 1,
            "realtime.instance_count",
            found=self.instance_count,
            limit="1 or more",
            remedy="use realtime=None to switch the real-time endpoint off",
        )
        low, high = _TIMEOUT_SECONDS
        for what, found in (
            ("startup_timeout_seconds", self.startup_timeout_seconds),
            ("download_timeout_seconds", self.download_timeout_seconds),
        ):
            require(
                found is None or low <= found <= high,
                f"realtime.{what}",
                found=found,
                limit=f"from {low} to {high}, or None",
            )
        require(
            self.metrics_period_seconds in METRIC_PERIODS_SECONDS,
            "realtime.metrics_period_seconds",
            found=self.metrics_period_seconds,
            limit=f"one of {', '.join(map(str, METRIC_PERIODS_SECONDS))}",
        )
