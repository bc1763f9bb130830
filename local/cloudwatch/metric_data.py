"""GetMetricData: many metrics and what is computed of them, in one request."""

import math
from dataclasses import dataclass
from typing import Any

from local.cloudwatch.expressions import Points, evaluate
from local.cloudwatch.metrics import Metrics
from local.cloudwatch.queries import read_token, write_token
from local.cloudwatch.requests import (
    Request,
    first_period,
    invalid,
    metric_of,
    moment,
    needed,
    period_of,
    statistic_of,
    window_of,
)
from local.sagemaker.ports import Scope

MOST_QUERIES, MOST_DATAPOINTS = 500, 100_800


@dataclass(frozen=True, kw_only=True)
class _Result:
    query: Request
    points: Points

    @property
    def label(self) -> str:
        named: Request = self.query.get("MetricStat", {}).get("Metric", {})
        return str(self.query.get("Label") or named.get("MetricName") or self.query["Id"])


def metric_data(metrics: Metrics, scope: Scope, request: Request) -> dict[str, Any]:
    """One page of the answer. Raises ApiError."""
    queries = needed(request, "MetricDataQueries")
    if len(queries) > MOST_QUERIES:
        raise invalid(f"A request has at most {MOST_QUERIES} MetricDataQueries.")
    ids = [str(needed(query, "Id")) for query in queries]
    if len(set(ids)) < len(ids):
        raise invalid("The Ids of MetricDataQueries must differ.")
    order = request.get("ScanBy") or "TimestampDescending"
    if order not in ("TimestampDescending", "TimestampAscending"):
        raise invalid(f"ScanBy must be TimestampDescending or TimestampAscending, not {order!r}.")
    results = [
        result
        for result in _results(metrics, scope, request, queries)
        if result.query.get("ReturnData", True) is not False
    ]
    return _page(results, request, descending=order == "TimestampDescending")


def _results(
    metrics: Metrics, scope: Scope, request: Request, queries: list[Request]
) -> list[_Result]:
    start, end = window_of(request)
    found: dict[str, Points] = {}
    timestamps: set[int] = set()  # of every period, with data or without: what FILL fills
    for query in queries:
        if ("MetricStat" in query) == ("Expression" in query):
            raise invalid(f"Query {query['Id']} must have either MetricStat or Expression.")
        if "MetricStat" in query:
            stat = query["MetricStat"]
            period = period_of(stat)
            found[query["Id"]] = _points(metrics, scope, stat, start, end)
            timestamps.update(_starts(start, end, period))
    ordered = sorted(timestamps | {when for points in found.values() for when in points})
    for query in queries:  # an expression may name those before it
        if "Expression" in query:
            found[query["Id"]] = evaluate(query["Expression"], found, ordered)
    return [_Result(query=query, points=found[query["Id"]]) for query in queries]


def _starts(start: float, end: float, period: int) -> range:
    if (end - start) / period > MOST_DATAPOINTS:
        raise invalid(
            f"From StartTime to EndTime are {int((end - start) / period)} periods of {period} "
            f"seconds; at most {MOST_DATAPOINTS} can be asked for."
        )
    return range(first_period(start, period), math.ceil(end), period)


def _points(metrics: Metrics, scope: Scope, stat: Request, start: float, end: float) -> Points:
    statistic, period = statistic_of(needed(stat, "Stat")), period_of(stat)
    metric, first = metric_of(needed(stat, "Metric")), first_period(start, period)
    buckets = metrics.buckets(scope, metric, first, end, period, unit=stat.get("Unit") or None)
    values = {
        first + number * period: each.statistic(statistic) for number, each in buckets.items()
    }
    return {when: value for when, value in sorted(values.items()) if value is not None}


def _page(results: list[_Result], request: Request, *, descending: bool) -> dict[str, Any]:
    """At most MaxDatapoints, those of the first queries first."""
    most = int(request.get("MaxDatapoints") or MOST_DATAPOINTS)
    if not 1 <= most <= MOST_DATAPOINTS:
        raise invalid(f"MaxDatapoints must be from 1 to {MOST_DATAPOINTS}, not {most}.")
    skipped = read_token(request.get("NextToken"))
    left, place = most, 0
    shown = []
    for result in results:
        points = sorted(result.points.items(), reverse=descending)
        page = points[max(0, skipped - place) :][:left]
        complete = place + len(points) <= skipped + most
        if place + len(points) > skipped or (not points and place >= skipped):
            shown.append(_entry(result, page, complete=complete))
        left -= len(page)
        place += len(points)
    answer: dict[str, Any] = {"MetricDataResults": shown}
    if place > skipped + most:
        answer["NextToken"] = write_token(skipped + most)
    return answer


def _entry(result: _Result, page: list[tuple[int, float]], *, complete: bool) -> dict[str, Any]:
    return {
        "Id": result.query["Id"],
        "Label": result.label,
        "Timestamps": [moment(when) for when, _ in page],
        "Values": [value for _, value in page],
        "StatusCode": "Complete" if complete else "PartialData",
    }
