"""Every variant of every endpoint is watched by alarms that can fire (facts C.12)."""

import pytest
from aws_cdk.aws_cloudwatch import Metric

from config.environments import PROD
from stacks.parts.metrics import VariantMetrics
from tests.stacks.assembly import Assembly, Resource

METRICS = VariantMetrics(endpoint_name="darkroom-dev-realtime", variant_name="champion")


def alarms(assembly: Assembly, environment: str) -> dict[str, Resource]:
    return {
        resource.logical_id: resource
        for resource in assembly.resources("AWS::CloudWatch::Alarm")
        if resource.stack == f"{environment}/Serving"
    }


def watched(found: dict[str, Resource]) -> list[tuple[str, str, str]]:
    rows = []
    for alarm in found.values():
        dimensions = {d["Name"]: d["Value"] for d in alarm.properties["Dimensions"]}
        rows.append(
            (
                dimensions["EndpointName"].rpartition("-")[2],
                dimensions["VariantName"],
                alarm.properties["MetricName"],
            )
        )
    return sorted(rows)


def test_errors_and_latency_of_every_variant_are_watched(plans: Assembly) -> None:
    assert watched(alarms(plans, "shadowed")) == [
        ("realtime", "champion", "InvocationModelErrors"),
        ("realtime", "champion", "ModelLatency"),
        ("realtime", "shadow", "InvocationModelErrors"),
        ("realtime", "shadow", "ModelLatency"),
        ("serverless", "champion", "Invocation5XXErrors"),
        ("serverless", "champion", "ModelLatency"),
    ]


def test_an_alarm_fires_above_the_settings_limit_in_the_metrics_own_unit(
    assembly: Assembly,
) -> None:
    settings = PROD.alarms
    assert settings is not None
    errors, latency = (
        assembly.only("prod/Serving", "AWS::CloudWatch::Alarm", f"RealtimeChampionAlarms{what}")
        for what in ("Errors", "Latency")
    )
    # The metric is 1 for a request that the model failed and 0 for another: its average is a share.
    assert errors.properties["Statistic"] == "Average"
    assert errors.properties["Threshold"] == settings.error_percent / 100
    assert latency.properties["ExtendedStatistic"] == "p99"
    assert latency.properties["Threshold"] == settings.latency_p99_milliseconds * 1000
    for alarm in (errors.properties, latency.properties):
        assert alarm["Namespace"] == "AWS/SageMaker"
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["Period"] == settings.period_seconds
        assert alarm["EvaluationPeriods"] == settings.evaluation_periods
        assert alarm["DatapointsToAlarm"] == settings.datapoints_to_alarm
        # A unit is a filter: data that came with another one would count as missing.
        assert "Unit" not in alarm


def test_no_alarm_looks_more_often_than_its_metric_comes(assembly: Assembly) -> None:
    periods = {
        name: alarm.properties["Period"] for name, alarm in alarms(assembly, "local").items()
    }
    assert {p for name, p in periods.items() if name.startswith("Realtime")} == {10}
    assert {p for name, p in periods.items() if name.startswith("Serverless")} == {60}


def test_without_alarms_nothing_is_watched(plans: Assembly) -> None:
    assert alarms(plans, "plain") == {}


@pytest.mark.parametrize(
    ("method", "name", "statistic"),
    [
        ("metric_invocations", "Invocations", "Sum"),
        ("metric_invocations_per_instance", "InvocationsPerInstance", "Sum"),
        ("metric_client_errors", "Invocation4XXErrors", "Average"),
        ("metric_server_errors", "Invocation5XXErrors", "Average"),
        ("metric_errors", "InvocationModelErrors", "Average"),
        ("metric_model_latency", "ModelLatency", "p99"),
        ("metric_overhead_latency", "OverheadLatency", "Average"),
    ],
)
def test_a_metric_is_the_variants_own(method: str, name: str, statistic: str) -> None:
    metric: Metric = getattr(METRICS, method)()
    assert metric.metric_name == name
    assert metric.statistic == statistic
    assert metric.namespace == "AWS/SageMaker"
    assert metric.dimensions == {
        "EndpointName": "darkroom-dev-realtime",
        "VariantName": "champion",
    }
