"""What CloudWatch counted of an endpoint's traffic, by variant (facts C.12).

Both dimensions are always named: a query by EndpointName alone finds nothing. Latencies come in
microseconds and leave here in milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scripts.serving.window import Window
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

NAMESPACE: Final = "AWS/SageMaker"
_PERCENTILES: Final = ("p50", "p90", "p99")
_COUNTS: Final = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors")
_LATENCIES: Final = ("ModelLatency", "OverheadLatency")
_COLD_STARTS: Final = ("ModelSetupTime", "SampleCount")
_WANTED: Final = (
    *((metric, "Sum") for metric in _COUNTS),
    *((metric, percentile) for metric in _LATENCIES for percentile in _PERCENTILES),
    _COLD_STARTS,
)
_QUERIES_A_REQUEST: Final = 500  # CloudWatch's limit (API: GetMetricData)


@dataclass(frozen=True, kw_only=True)
class Percentiles:
    """Of a latency, in milliseconds; None where nothing was measured."""

    p50: float | None
    p90: float | None
    p99: float | None


@dataclass(frozen=True, kw_only=True)
class VariantTraffic:
    """One variant's requests in a window."""

    variant: str
    requests: int
    client_errors: int
    server_errors: int
    model_milliseconds: Percentiles
    overhead_milliseconds: Percentiles
    cold_starts: int
    """Of a serverless variant: how often a server was started for a request."""

    @property
    def error_rate(self) -> float | None:
        """4xx and 5xx by requests, from 0 to 1; None without requests."""
        if self.requests == 0:
            return None
        return (self.client_errors + self.server_errors) / self.requests


def variant_traffic(
    session: Session, endpoint_name: str, variants: Sequence[str], window: Window
) -> list[VariantTraffic]:
    """The traffic of each variant of an endpoint, in the order asked for."""
    cloudwatch: CloudWatchClient = session.client("cloudwatch")
    queries = [
        _query(f"m{i}_{j}", endpoint_name, variant, *wanted, period_seconds=window.period_seconds)
        for i, variant in enumerate(variants)
        for j, wanted in enumerate(_WANTED)
    ]
    points: dict[str, list[float]] = {}
    for first in range(0, len(queries), _QUERIES_A_REQUEST):
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries[first : first + _QUERIES_A_REQUEST],
            StartTime=window.start,
            EndTime=window.end,
        )
        for page in pages:
            for found in page["MetricDataResults"]:
                points.setdefault(found["Id"], []).extend(found["Values"])
    return [
        _traffic(
            variant,
            {wanted: points.get(f"m{i}_{j}", []) for j, wanted in enumerate(_WANTED)},
        )
        for i, variant in enumerate(variants)
    ]


def _query(
    name: str, endpoint: str, variant: str, metric: str, statistic: str, *, period_seconds: int
) -> "MetricDataQueryTypeDef":
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": metric,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": endpoint},
                    {"Name": "VariantName", "Value": variant},
                ],
            },
            "Period": period_seconds,
            "Stat": statistic,
        },
    }


def _traffic(variant: str, points: dict[tuple[str, str], list[float]]) -> VariantTraffic:
    def total(metric: str, statistic: str = "Sum") -> int:
        return round(sum(points[metric, statistic]))

    def latency(metric: str) -> Percentiles:
        return Percentiles(**{name: _milliseconds(points[metric, name]) for name in _PERCENTILES})

    return VariantTraffic(
        variant=variant,
        requests=total("Invocations"),
        client_errors=total("Invocation4XXErrors"),
        server_errors=total("Invocation5XXErrors"),
        model_milliseconds=latency("ModelLatency"),
        overhead_milliseconds=latency("OverheadLatency"),
        cold_starts=total(*_COLD_STARTS),
    )


def _milliseconds(microseconds: Sequence[float]) -> float | None:
    """Of the one period asked for; a service that cuts it in two gives the worse half's."""
    return max(microseconds) / 1000 if microseconds else None
