"""When a variant is in trouble: too many errors, or too slow."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from config.alarms import AlarmSettings
from stacks.parts.metrics import VariantMetrics

_MICROSECONDS_PER_MILLISECOND = 1000


class VariantAlarms(Construct):
    """Two alarms on the metrics of one variant."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        metrics: VariantMetrics,
        settings: AlarmSettings,
        metrics_period_seconds: int,
    ) -> None:
        """`metrics_period_seconds` is how often the metrics come: a shorter look sees nothing."""
        super().__init__(scope, id_)
        period = max(settings.period_seconds, metrics_period_seconds)
        self.errors = self._alarm(
            "Errors",
            metrics.metric_errors(period_seconds=period),
            threshold=settings.error_percent / 100,
            settings=settings,
        )
        self.latency = self._alarm(
            "Latency",
            metrics.metric_model_latency(period_seconds=period),
            threshold=settings.latency_p99_milliseconds * _MICROSECONDS_PER_MILLISECOND,
            settings=settings,
        )

    @property
    def all(self) -> tuple[cloudwatch.Alarm, cloudwatch.Alarm]:
        """Both of them."""
        return self.errors, self.latency

    def _alarm(
        self,
        id_: str,
        metric: cloudwatch.Metric,
        *,
        threshold: float,
        settings: AlarmSettings,
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            id_,
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=settings.evaluation_periods,
            datapoints_to_alarm=settings.datapoints_to_alarm,
            # Nobody asking is no trouble; and the alarm is older than the endpoint (design D5).
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
