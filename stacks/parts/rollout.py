"""How SageMaker brings an update to a real-time endpoint: deployment guardrails (facts C.11)."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker

from config.rollout import AllAtOnce, Canary, Capacity, Linear, Rolling, Rollout

_Endpoint = sagemaker.CfnEndpoint


def deployment(
    rollout: Rollout, alarms: Sequence[cloudwatch.IAlarm]
) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    """Of every update; the first deployment has nothing to shift. `alarms` undo it."""
    undo = (
        _Endpoint.AutoRollbackConfigProperty(
            alarms=[_Endpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
        )
        if rollout.auto_rollback
        else None
    )
    if isinstance(rollout, Rolling):
        return _Endpoint.DeploymentConfigProperty(
            rolling_update_policy=_in_batches(rollout), auto_rollback_configuration=undo
        )
    return _Endpoint.DeploymentConfigProperty(
        blue_green_update_policy=_Endpoint.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=_routing(rollout),
            termination_wait_in_seconds=rollout.watch_seconds,
            maximum_execution_timeout_in_seconds=rollout.timeout_seconds,
        ),
        auto_rollback_configuration=undo,
    )


def _in_batches(rolling: Rolling) -> sagemaker.CfnEndpoint.RollingUpdatePolicyProperty:
    return _Endpoint.RollingUpdatePolicyProperty(
        maximum_batch_size=_size(rolling.batch),
        rollback_maximum_batch_size=_size(rolling.rollback_batch),
        wait_interval_in_seconds=rolling.wait_seconds,
        maximum_execution_timeout_in_seconds=rolling.timeout_seconds,
    )


def _routing(
    rollout: AllAtOnce | Canary | Linear,
) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
    match rollout:
        case AllAtOnce():
            # There are no steps to wait between, but the API asks for the member all the same.
            return _Endpoint.TrafficRoutingConfigProperty(
                type="ALL_AT_ONCE", wait_interval_in_seconds=0
            )
        case Canary():
            return _Endpoint.TrafficRoutingConfigProperty(
                type="CANARY",
                canary_size=_size(rollout.size),
                wait_interval_in_seconds=rollout.wait_seconds,
            )
        case Linear():
            return _Endpoint.TrafficRoutingConfigProperty(
                type="LINEAR",
                linear_step_size=_size(rollout.step),
                wait_interval_in_seconds=rollout.wait_seconds,
            )


def _size(capacity: Capacity) -> sagemaker.CfnEndpoint.CapacitySizeProperty:
    if capacity.percent is not None:
        # The guide's page on rolling updates prints CAPACITY_PERCENTAGE, which the API refuses.
        return _Endpoint.CapacitySizeProperty(type="CAPACITY_PERCENT", value=capacity.percent)
    return _Endpoint.CapacitySizeProperty(type="INSTANCE_COUNT", value=capacity.instances or 0)
