"""CloudWatch's metrics kept by `local.cloudwatch` instead of ministack.

Stock: every request rebuilds the lists of all points of all metrics (49 ms at 100,000 points, on
the event loop), every save copies them, a query without dimensions pools all of them, GetMetricData
has no expressions, no ScanBy and no paging, ListMetrics ignores dimensions in the Query protocol.
Needed: requests and saves whose cost does not grow with the traffic, and the service's answers.
Touches: `cloudwatch._put_metric_data`, `._get_metric_statistics`, `._get_metric_data`,
`._list_metrics`, `.record_metric`, `._evict_old_metrics`, `.get_state`, `.load_persisted_state`,
`.reset`.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from local.adapter import cloudwatch_wire
from local.adapter.cloudformation_types import current_scope
from local.cloudwatch.distribution import Distribution
from local.cloudwatch.metric_data import metric_data
from local.cloudwatch.metrics import Metric, Metrics
from local.cloudwatch.publication import publish
from local.cloudwatch.queries import listing, statistics

_STATE = "metric_series"
Handler = Callable[..., cloudwatch_wire.Answer]


def install(metrics: Metrics) -> None:
    """Take the place of the four operations on metrics, and of what else touches their points."""
    from ministack.services import cloudwatch

    for name, operation in _operations(metrics).items():
        handler = _handler(name, operation)
        setattr(cloudwatch, _function(name), handler)
    cloudwatch.record_metric = _recorder(metrics)
    cloudwatch._evict_old_metrics = lambda: None
    _persist(metrics)


def _operations(metrics: Metrics) -> dict[str, cloudwatch_wire.Operation]:
    return {
        "PutMetricData": lambda request: publish(metrics, current_scope(), request, time.time()),
        "GetMetricStatistics": lambda request: statistics(metrics, current_scope(), request),
        "GetMetricData": lambda request: metric_data(metrics, current_scope(), request),
        "ListMetrics": lambda request: listing(metrics, current_scope(), request, time.time()),
    }


def _function(operation: str) -> str:
    """ministack's function of an operation: PutMetricData is `_put_metric_data`."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in operation)


def _handler(name: str, operation: cloudwatch_wire.Operation) -> Handler:
    def handle(
        fields: Mapping[str, Any], body: Any, is_cbor: bool, is_json: bool = False
    ) -> cloudwatch_wire.Answer:
        return cloudwatch_wire.answer(name, operation, fields, body, json=is_json, cbor=is_cbor)

    return handle


def _recorder(metrics: Metrics) -> Callable[..., None]:
    """What ministack's other services publish through, such as Lambda."""

    def record_metric(
        namespace: str,
        metric_name: str,
        value: float,
        unit: str = "None",
        dimensions: dict[str, str] | None = None,
    ) -> None:
        metric = Metric.of(namespace, metric_name, dimensions or {})
        now = time.time()
        values = Distribution.of_values({float(value): 1})
        metrics.add(current_scope(), metric, unit, now, values, now)

    return record_metric


def _persist(metrics: Metrics) -> None:
    from ministack.services import cloudwatch

    get_state, restore, reset = (
        cloudwatch.get_state,
        cloudwatch.load_persisted_state,
        cloudwatch.reset,
    )

    def with_series() -> dict[str, Any]:
        return {**get_state(), _STATE: metrics.snapshot()}

    def restore_series(state: dict[str, Any]) -> None:
        restore(state)
        metrics.restore(state.get(_STATE, []))

    def reset_series() -> None:
        reset()
        metrics.clear()

    cloudwatch.get_state = with_series
    cloudwatch.load_persisted_state = restore_series
    cloudwatch.reset = reset_series
