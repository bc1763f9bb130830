"""What CloudWatch knows of a variant's traffic (facts C.12)."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE: Final = "AWS/SageMaker"


@dataclass(frozen=True, kw_only=True)
class VariantMetrics:
    """The metrics of one variant of one endpoint; both names are known before either exists.

    No metric names its unit: CloudWatch takes a unit as a filter, and what is published with
    another one would silently count as missing.
    """

    endpoint_name: str
    variant_name: str
    on_demand: bool = False
    """A serverless variant has fewer metrics (facts C.4)."""

    def metric_invocations(self, *, period_seconds: int = 60) -> cloudwatch.Metric:
        """How many requests were sent to the variant."""
        return self._metric("Invocations", "Sum", period_seconds)

    def metric_invocations_per_instance(self, *, period_seconds: int = 60) -> cloudwatch.Metric:
        """How many of them one instance got; what scaling goes by."""
        return self._metric("InvocationsPerInstance", "Sum", period_seconds)

    def metric_client_errors(self, *, period_seconds: int = 60) -> cloudwatch.Metric:
        """The share of requests answered with a 4xx, from 0 to 1."""
        return self._metric("Invocation4XXErrors", "Average", period_seconds)

    def metric_server_errors(self, *, period_seconds: int = 60) -> cloudwatch.Metric:
        """The share of requests answered with a 5xx, from 0 to 1."""
        return self._metric("Invocation5XXErrors", "Average", period_seconds)

    def metric_errors(self, *, period_seconds: int = 60) -> cloudwatch.Metric:
        """The share of requests that the model failed to answer, from 0 to 1.

        A model that dies of a request, or is too slow for it, answers no 5xx; on instances
        InvocationModelErrors counts these too, and also what the model refused with a 4xx.
        """
        if self.on_demand:
            return self.metric_server_errors(period_seconds=period_seconds)
        return self._metric("InvocationModelErrors", "Average", period_seconds)

    def metric_model_latency(
        self, *, statistic: str = "p99", period_seconds: int = 60
    ) -> cloudwatch.Metric:
        """The container's own time for a request, in microseconds."""
        return self._metric("ModelLatency", statistic, period_seconds)

    def metric_overhead_latency(
        self, *, statistic: str = "Average", period_seconds: int = 60
    ) -> cloudwatch.Metric:
        """What SageMaker adds to it, in microseconds: of a serverless endpoint the cold start."""
        return self._metric("OverheadLatency", statistic, period_seconds)

    def _metric(self, name: str, statistic: str, period_seconds: int) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            # With the endpoint's name alone CloudWatch finds nothing.
            dimensions_map={
                "EndpointName": self.endpoint_name,
                "VariantName": self.variant_name,
            },
            statistic=statistic,
            period=Duration.seconds(period_seconds),
        )
