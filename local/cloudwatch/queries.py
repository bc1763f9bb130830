"""GetMetricStatistics and ListMetrics."""

import base64
from typing import Any

from local.cloudwatch.metrics import Metric, Metrics
from local.cloudwatch.requests import (
    Request,
    first_period,
    invalid,
    metric_of,
    moment,
    period_of,
    statistic_of,
    window_of,
)
from local.cloudwatch.series import HOUR
from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope

MOST_DATAPOINTS, PAGE = 1440, 500
RECENT_SECONDS = 3 * HOUR


def statistics(metrics: Metrics, scope: Scope, request: Request) -> dict[str, Any]:
    """GetMetricStatistics: a datapoint for each period that has data, and for each unit."""
    metric, period = metric_of(request), period_of(request)
    start, end = window_of(request)
    simple = [statistic_of(each) for each in request.get("Statistics") or ()]
    extended = [statistic_of(each) for each in request.get("ExtendedStatistics") or ()]
    if not simple and not extended:
        raise ApiError(
            "MissingParameter", "At least one of Statistics and ExtendedStatistics is required."
        )
    if (end - start) / period > MOST_DATAPOINTS:
        raise ApiError(
            "InvalidParameterCombination",
            f"You have requested up to {int((end - start) / period)} datapoints, which exceeds the "
            f"limit of {MOST_DATAPOINTS}. Use a longer Period or a shorter time.",
        )
    wanted, first = request.get("Unit"), first_period(start, period)
    points = []
    for unit in [wanted] if wanted else metrics.units(scope, metric):
        buckets = metrics.buckets(scope, metric, first, end, period, unit=unit)
        for number, values in sorted(buckets.items()):
            point: dict[str, Any] = {"Timestamp": moment(first + number * period), "Unit": unit}
            point.update({each: values.statistic(each) for each in simple})
            found = {each: values.statistic(each) for each in extended}
            known = {each: value for each, value in found.items() if value is not None}
            points.append({**point, "ExtendedStatistics": known} if known else point)
    return {"Label": metric.name, "Datapoints": points}


def listing(metrics: Metrics, scope: Scope, request: Request, now: float) -> dict[str, Any]:
    """ListMetrics, in the order of names, so that no page skips or repeats one."""
    recent = request.get("RecentlyActive")
    if recent not in (None, "PT3H"):
        raise invalid(f"RecentlyActive must be PT3H, not {recent!r}.")
    found = sorted(
        (metric.namespace, metric.name, metric.dimensions)
        for metric, newest in metrics.known(scope)
        if _matches(metric, request) and (recent is None or newest >= now - RECENT_SECONDS)
    )
    first = read_token(request.get("NextToken"))
    answer: dict[str, Any] = {
        "Metrics": [
            {
                "Namespace": namespace,
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
            }
            for namespace, name, dimensions in found[first : first + PAGE]
        ]
    }
    if first + PAGE < len(found):
        answer["NextToken"] = write_token(first + PAGE)
    return answer


def _matches(metric: Metric, request: Request) -> bool:
    if request.get("Namespace") not in (None, "", metric.namespace):
        return False
    if request.get("MetricName") not in (None, "", metric.name):
        return False
    dimensions = dict(metric.dimensions)
    return all(
        each["Name"] in dimensions and each.get("Value") in (None, "", dimensions[each["Name"]])
        for each in request.get("Dimensions") or ()
    )


def write_token(place: int) -> str:
    """Where the next page begins."""
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def read_token(token: Any) -> int:
    """Raises ApiError for what `write_token` did not give."""
    if not token:
        return 0
    try:
        return max(0, int(base64.urlsafe_b64decode(str(token))))
    except ValueError:
        raise ApiError("InvalidNextToken", "The NextToken is not one of this operation.") from None
