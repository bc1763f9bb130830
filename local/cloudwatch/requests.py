"""Members of CloudWatch requests, read with the service's own objections."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.cloudwatch.distribution import is_statistic
from local.cloudwatch.metrics import Metric
from local.sagemaker.errors import ApiError

Request = Mapping[str, Any]
FINE_PERIODS = (1, 5, 10, 20, 30)
MINUTE = 60


def invalid(message: str) -> ApiError:
    """A value that CloudWatch does not take."""
    return ApiError("InvalidParameterValue", message)


def needed(request: Request, member: str) -> Any:
    """Raises ApiError where a required member is missing."""
    value = request.get(member)
    if value is None or value == "":
        raise ApiError("MissingParameter", f"The parameter {member} is required.")
    return value


def metric_of(request: Request) -> Metric:
    """Namespace, MetricName and Dimensions. Raises ApiError."""
    return Metric.of(
        str(needed(request, "Namespace")),
        str(needed(request, "MetricName")),
        dimensions_of(request),
    )


def dimensions_of(request: Request) -> dict[str, str]:
    """Dimensions by name. Raises ApiError where one has no name or no value."""
    return {
        str(needed(each, "Name")): str(needed(each, "Value"))
        for each in request.get("Dimensions") or ()
    }


def time_of(request: Request, member: str) -> float:
    """A timestamp in epoch seconds, whichever of the three protocols brought it."""
    return epoch(needed(request, member), member)


def epoch(value: Any, member: str) -> float:
    """Raises ApiError for what is no timestamp."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise invalid(f"The parameter {member} must be a timestamp, not {value!r}.") from None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise invalid(f"The parameter {member} must be a timestamp, not {value!r}.")


def first_period(start: float, period: int) -> int:
    """When the first period of a request begins: its StartTime, rounded down to the minute, or to
    the period where that is shorter. The periods follow from there, whatever the clock says."""
    resolution = min(period, MINUTE)
    return int(start // resolution) * resolution


def window_of(request: Request) -> tuple[float, float]:
    """StartTime and EndTime. Raises ApiError unless they are in this order."""
    start, end = time_of(request, "StartTime"), time_of(request, "EndTime")
    if start >= end:
        raise ApiError(
            "InvalidParameterCombination",
            "The parameter StartTime must be less than the parameter EndTime.",
        )
    return start, end


def period_of(request: Request) -> int:
    """Seconds. Raises ApiError for a period that CloudWatch does not have."""
    period = int(needed(request, "Period"))
    if period not in FINE_PERIODS and (period <= 0 or period % 60):
        raise invalid(
            f"The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, not {period}."
        )
    return period


def statistic_of(name: Any) -> str:
    """Raises ApiError for a statistic that CloudWatch, or the local cloud, does not have."""
    if not isinstance(name, str) or not is_statistic(name):
        raise invalid(f"The statistic {name!r} is not supported by the local cloud yet.")
    return name


def moment(epoch_seconds: float) -> datetime:
    """A timestamp for an answer."""
    return datetime.fromtimestamp(epoch_seconds, UTC)
