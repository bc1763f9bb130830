"""PutMetricData: what it takes, and what it refuses."""

import math
from typing import Any

from local.cloudwatch.distribution import Distribution
from local.cloudwatch.metrics import Metric, Metrics
from local.cloudwatch.requests import Request, dimensions_of, epoch, invalid, needed
from local.cloudwatch.series import DAY, HOUR
from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope

MOST_DATA, MOST_VALUES, MOST_DIMENSIONS = 1000, 150, 30
OLDEST, FURTHEST = 14 * DAY, 2 * HOUR
_STATISTICS = ("SampleCount", "Sum", "Minimum", "Maximum")
Datum = tuple[Metric, str, float, Distribution]


def publish(metrics: Metrics, scope: Scope, request: Request, now: float) -> None:
    """Take every datum in, or none: raises ApiError before the first one."""
    namespace = str(needed(request, "Namespace"))
    data = request.get("MetricData") or ()
    if len(data) > MOST_DATA:
        raise invalid(f"The collection MetricData must not have a size greater than {MOST_DATA}.")
    for metric, unit, when, values in [_datum(namespace, each, now) for each in data]:
        metrics.add(scope, metric, unit, when, values, now)


def _datum(namespace: str, datum: Request, now: float) -> Datum:
    name = str(needed(datum, "MetricName"))
    dimensions = dimensions_of(datum)
    if len(dimensions) > MOST_DIMENSIONS:
        raise invalid(f"Metric {name} has more than {MOST_DIMENSIONS} dimensions.")
    given = datum.get("Timestamp")
    when = now if given is None else epoch(given, "Timestamp")
    if not now - OLDEST <= when <= now + FURTHEST:
        raise invalid(
            f"The Timestamp of metric {name} must be at most two weeks in the past and two hours "
            "in the future."
        )
    unit = str(datum.get("Unit") or "None")
    return Metric.of(namespace, name, dimensions), unit, when, _values(name, datum)


def _values(name: str, datum: Request) -> Distribution:
    values = _read(name, datum)
    if not math.isfinite(values.total):
        raise invalid(f"Metric {name} has a value that is no number: NaN and Infinity do not go.")
    return values


def _read(name: str, datum: Request) -> Distribution:
    if datum.get("Values"):
        values, counts = datum["Values"], datum.get("Counts") or [1] * len(datum["Values"])
        if len(values) != len(counts):
            raise invalid(f"Metric {name} has {len(values)} Values and {len(counts)} Counts.")
        if len(values) > MOST_VALUES:
            raise invalid(f"Metric {name} has {len(values)} Values; at most {MOST_VALUES} go.")
        weighted: dict[float, float] = {}
        for value, count in zip(values, counts, strict=True):
            weighted[float(value)] = weighted.get(float(value), 0.0) + float(count)
        return Distribution.of_values(weighted)
    if datum.get("StatisticValues"):
        given: dict[str, Any] = datum["StatisticValues"]
        return Distribution.of_statistics(*(float(needed(given, each)) for each in _STATISTICS))
    if datum.get("Value") is None:
        raise ApiError(
            "MissingParameter", f"Metric {name} has neither Value, Values nor StatisticValues."
        )
    return Distribution.of_values({float(datum["Value"]): 1})
