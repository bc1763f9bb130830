"""The metric that a target tracking policy follows, and the two alarms that watch it (C.13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.autoscaling.target_tracking import LOW_SHARE
from local.autoscaling.variants import CONCURRENCY, INSTANCES, Dimension, ScalableVariant
from local.sagemaker.errors import invalid, unsupported
from local.sagemaker.refusals import refuse

HIGH_PERIODS, LOW_PERIODS = 3, 15
MINUTE, HIGH_RESOLUTION = 60, 10
DEFAULT_COOLDOWN_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class TrackedMetric:
    """One metric and how its periods are summed up."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    unit: str | None = None
    period_seconds: int = MINUTE


_PREDEFINED: dict[str, tuple[Dimension, str, str, int]] = {
    "SageMakerVariantInvocationsPerInstance": (
        INSTANCES,
        "InvocationsPerInstance",
        "Sum",
        MINUTE,
    ),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": (
        INSTANCES,
        "ConcurrentRequestsPerModel",
        "Maximum",
        HIGH_RESOLUTION,
    ),
    "SageMakerVariantProvisionedConcurrencyUtilization": (
        CONCURRENCY,
        "ServerlessProvisionedConcurrencyUtilization",
        "Maximum",
        MINUTE,
    ),
}


def tracked(variant: ScalableVariant, configuration: Mapping[str, Any]) -> TrackedMetric:
    """The metric of a TargetTrackingScalingPolicyConfiguration. Raises ApiError."""
    predefined = configuration.get("PredefinedMetricSpecification")
    customized = configuration.get("CustomizedMetricSpecification")
    if (predefined is None) == (customized is None):
        raise invalid(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must "
            "be specified."
        )
    if configuration["TargetValue"] <= 0:
        raise invalid(f"TargetValue must be above 0, not {configuration['TargetValue']}.")
    for member in ("ScaleInCooldown", "ScaleOutCooldown"):
        if configuration.get(member, 0) < 0:
            raise invalid(f"{member} must be 0 or more, not {configuration[member]}.")
    if predefined is not None:
        return _predefined(variant, predefined)
    return _customized(customized or {})


def _predefined(variant: ScalableVariant, specification: Mapping[str, Any]) -> TrackedMetric:
    kind = specification["PredefinedMetricType"]
    refuse(specification, "PredefinedMetricSpecification", "ResourceLabel")
    if kind not in _PREDEFINED:
        raise unsupported(f"PredefinedMetricType {kind}")
    dimension, name, statistic, period = _PREDEFINED[kind]
    if dimension is not variant.dimension:
        raise invalid(f"PredefinedMetricType {kind} goes with {dimension.name} only.")
    return TrackedMetric(
        namespace="AWS/SageMaker",
        name=name,
        dimensions={"EndpointName": variant.endpoint_name, "VariantName": variant.variant_name},
        statistic=statistic,
        period_seconds=period,
    )


def _customized(specification: Mapping[str, Any]) -> TrackedMetric:
    refuse(specification, "CustomizedMetricSpecification", "Metrics")
    for member in ("MetricName", "Namespace", "Statistic"):
        if not specification.get(member):
            raise invalid(f"CustomizedMetricSpecification needs {member}.")
    return TrackedMetric(
        namespace=specification["Namespace"],
        name=specification["MetricName"],
        dimensions={each["Name"]: each["Value"] for each in specification.get("Dimensions") or ()},
        statistic=specification["Statistic"],
        unit=specification.get("Unit"),
    )


def alarm(
    metric: TrackedMetric, policy_arn: str, name: str, target: float, *, high: bool
) -> dict[str, Any]:
    """The alarm above the target, or that below nine tenths of it, as PutMetricAlarm takes it."""
    definition: dict[str, Any] = {
        "AlarmName": name,
        "AlarmDescription": "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy "
        f"{policy_arn}.",
        "ActionsEnabled": True,
        "AlarmActions": [policy_arn],
        "OKActions": [],
        "InsufficientDataActions": [],
        "MetricName": metric.name,
        "Namespace": metric.namespace,
        "Statistic": metric.statistic,
        "Dimensions": [
            {"Name": key, "Value": value} for key, value in sorted(metric.dimensions.items())
        ],
        "Period": metric.period_seconds,
        "EvaluationPeriods": HIGH_PERIODS if high else LOW_PERIODS,
        "Threshold": target if high else target * LOW_SHARE,
        "ComparisonOperator": "GreaterThanThreshold" if high else "LessThanThreshold",
        "TreatMissingData": "missing",
    }
    return definition | ({"Unit": metric.unit} if metric.unit else {})
