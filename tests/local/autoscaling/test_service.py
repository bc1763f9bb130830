"""Application Auto Scaling's operations and what its policies do (local/autoscaling/)."""

from typing import Any

import pytest

from local.autoscaling.service import AutoScaling
from local.sagemaker.errors import ApiError
from tests.local.autoscaling.surroundings import (
    PREDEFINED,
    SCOPE,
    SERVERLESS,
    VARIANT,
    Desk,
    Stage,
)


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.have(VARIANT, 2)
    made.have(SERVERLESS, 1)
    return made


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def test_registering_brings_the_capacity_within_the_bounds(desk: Desk, stage: Stage) -> None:
    desk.register(3, 5)
    assert stage.capacities[VARIANT].desired == 3
    assert desk.activities()[0]["StatusCode"] == "InProgress"
    stage.settle()
    activity = desk.activities()[0]
    assert activity["Cause"] == "minimum capacity was set to 3"
    assert activity["StatusMessage"] == (
        "Successfully set desired instance count to 3. Change successfully fulfilled by sagemaker."
    )


def test_an_endpoint_that_is_busy_is_brought_within_the_bounds_once_it_is_not(
    desk: Desk, stage: Stage
) -> None:
    stage.set_capacity(SCOPE, VARIANT, 2)
    desk.register(3, 5)
    desk.service.tick()
    assert desk.activities() == []
    stage.settle()
    desk.service.tick()
    assert stage.capacities[VARIANT].desired == 3
    stage.settle()
    stage.have(VARIANT, 1)  # set by hand: nobody registers, nothing happens
    desk.service.tick()
    assert stage.capacities[VARIANT].desired == 1


def test_registering_again_changes_what_is_given_and_keeps_the_rest(desk: Desk) -> None:
    arn = desk.register(1, 5)
    suspended = {"DynamicScalingInSuspended": True}
    answer = desk.call("RegisterScalableTarget", MaxCapacity=7, SuspendedState=suspended)
    assert answer["ScalableTargetARN"] == arn
    (target,) = desk.targets()
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 7)
    assert target["SuspendedState"] == {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"MinCapacity": 0}, "MinCapacity must be 1 or more"),
        ({"MaxCapacity": 0}, "less than minimum capacity"),
        ({"MinCapacity": None}, "MinCapacity and MaxCapacity are required"),
        ({"ResourceId": "endpoint/absent/variant/champion"}, "does not exist"),
        ({"ResourceId": "endpoint/s/variant/champion"}, "has no DesiredInstanceCount"),
        ({"ResourceId": "table/x"}, "must have the form"),
        ({"ServiceNamespace": "ecs"}, "ServiceNamespace ecs is not supported"),
        (
            {"ScalableDimension": "sagemaker:inference-component:DesiredCopyCount"},
            "ScalableDimension sagemaker:inference-component",
        ),
        ({"ScalableDimension": "nonsense"}, "enum value set"),
    ],
)
def test_what_cannot_be_registered_is_refused(
    desk: Desk, changes: dict[str, Any], message: str
) -> None:
    request = {"MinCapacity": 1, "MaxCapacity": 2} | changes
    given = {key: value for key, value in request.items() if value is not None}
    with pytest.raises(ApiError, match=message):
        desk.call("RegisterScalableTarget", **given)
    assert desk.targets() == []


def test_a_burstable_instance_type_is_not_scaled(desk: Desk, stage: Stage) -> None:
    stage.have(VARIANT, 1, instance_type="ml.t2.medium")
    with pytest.raises(ApiError, match=r"ml\.t2\.medium .* is burstable"):
        desk.register(1, 2)


def test_a_policy_makes_the_two_alarms_that_aws_makes(desk: Desk, stage: Stage) -> None:
    desk.register(1, 4)
    arn = desk.track(100.0)
    names = desk.alarm_names()
    high, low = stage.alarms[names["AlarmHigh"]], stage.alarms[names["AlarmLow"]]
    assert names["AlarmHigh"].startswith("TargetTracking-endpoint/e/variant/champion-AlarmHigh-")
    for alarm in (high, low):
        assert (alarm["MetricName"], alarm["Statistic"]) == ("InvocationsPerInstance", "Sum")
        assert (alarm["Period"], alarm["AlarmActions"]) == (60, [arn])
    assert (high["Threshold"], high["EvaluationPeriods"]) == (100, 3)
    assert (low["Threshold"], low["EvaluationPeriods"]) == (90, 15)


def test_a_policy_that_does_not_scale_in_has_no_low_alarm(desk: Desk, stage: Stage) -> None:
    desk.register(1, 4)
    desk.track(100.0)
    desk.track(100.0, DisableScaleIn=True)
    assert list(desk.alarm_names()) == ["AlarmHigh"]
    assert len(stage.alarms) == 1
    desk.track(100.0, DisableScaleIn=False)
    assert len(stage.alarms) == 2


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"PolicyType": "StepScaling"}, "PolicyType StepScaling is not supported"),
        (
            {"StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity"}},
            "StepScalingPolicyConfiguration is not supported",
        ),
        ({"PolicyType": "TargetTrackingScaling"}, "needs TargetTrackingScalingPolicy"),
        (
            {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}},
            "Exactly one of PredefinedMetricSpecification",
        ),
        (
            {
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 0.0,
                    "PredefinedMetricSpecification": PREDEFINED,
                }
            },
            "TargetValue must be above 0",
        ),
        (
            {
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 1.0,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"
                    },
                }
            },
            "goes with sagemaker:variant:DesiredProvisionedConcurrency only",
        ),
    ],
)
def test_a_policy_that_is_not_followed_is_refused(
    desk: Desk, request_: dict[str, Any], message: str
) -> None:
    desk.register(1, 4)
    with pytest.raises(ApiError, match=message):
        desk.call("PutScalingPolicy", PolicyName="p", **request_)


def test_a_policy_needs_a_registered_target(desk: Desk) -> None:
    with pytest.raises(ApiError, match="ObjectNotFoundException: No scalable target registered"):
        desk.track(100.0)


def test_a_high_alarm_scales_out_once_in_a_cool_down(desk: Desk, stage: Stage) -> None:
    desk.register(1, 9)
    arn = desk.track(100.0, ScaleOutCooldown=60)
    assert desk.react(arn, "AlarmHigh", 250.0) == 5
    assert desk.react(arn, "AlarmHigh", 250.0) == 5  # the endpoint is busy
    stage.settle()
    stage.now += 59
    assert desk.react(arn, "AlarmHigh", 120.0) == 5  # the cool-down is not over
    stage.now += 1
    assert desk.react(arn, "AlarmHigh", 120.0) == 6
    assert "AlarmHigh" in desk.activities()[0]["Cause"]


def test_a_low_alarm_scales_in_slowly_and_not_right_after_a_scale_out(
    desk: Desk, stage: Stage
) -> None:
    stage.have(VARIANT, 4)
    desk.register(1, 9)
    arn = desk.track(100.0, ScaleInCooldown=100, ScaleOutCooldown=0)
    assert desk.react(arn, "AlarmHigh", 120.0) == 5
    stage.settle()
    stage.now += 50
    assert desk.react(arn, "AlarmLow", 0.0, 0.0) == 5
    stage.now += 50
    assert desk.react(arn, "AlarmLow", 0.0, 0.0) == 4
    stage.settle()
    stage.now += 1
    assert desk.react(arn, "AlarmHigh", 200.0) == 8  # it does not wait for a scale-in's cool-down


def test_a_pace_shortens_cool_downs(stage: Stage) -> None:
    desk = Desk(stage, pace=10)
    desk.register(1, 9)
    arn = desk.track(100.0, ScaleOutCooldown=60)
    assert desk.react(arn, "AlarmHigh", 110.0) == 3
    stage.settle()
    stage.now += 6
    assert desk.react(arn, "AlarmHigh", 110.0) == 4


@pytest.mark.parametrize("way", ["Out", "In"])
def test_a_suspended_way_is_not_gone(desk: Desk, way: str) -> None:
    desk.register(1, 9, SuspendedState={f"DynamicScaling{way}Suspended": True})
    arn = desk.track(100.0)
    assert desk.react(arn, "AlarmHigh", 200.0) == (2 if way == "Out" else 4)
    if way == "In":
        desk.stage.settle()
        desk.stage.now += 1000
        assert desk.react(arn, "AlarmLow", 0.0) == 4


def test_several_policies_scale_in_only_together(desk: Desk, stage: Stage) -> None:
    desk.register(1, 9)
    first, _ = desk.track(100.0, "first"), desk.track(50.0, "second")
    assert desk.react(first, "AlarmLow", 0.0, name="first") == 2
    stage.raised.add(desk.alarm_names("second")["AlarmLow"])
    assert desk.react(first, "AlarmLow", 0.0, name="first") == 1


def test_what_sagemaker_refuses_is_a_failed_activity_without_a_cool_down(desk: Desk) -> None:
    desk.register(1, 20)
    arn = desk.track(100.0)
    assert desk.react(arn, "AlarmHigh", 1000.0) == 2
    activity = desk.activities()[0]
    assert activity["StatusCode"] == "Failed"
    assert "The account-level service limit is 9" in activity["StatusMessage"]
    assert desk.react(arn, "AlarmHigh", 150.0) == 3


def test_deregistering_takes_policies_and_alarms_along(desk: Desk, stage: Stage) -> None:
    desk.register(1, 4)
    desk.track(100.0)
    desk.call("DeregisterScalableTarget")
    assert stage.alarms == {}
    assert desk.call("DescribeScalingPolicies")["ScalingPolicies"] == []
    with pytest.raises(ApiError, match="ObjectNotFoundException: No scalable target found"):
        desk.call("DeregisterScalableTarget")


def test_a_deleted_endpoint_is_deregistered(desk: Desk, stage: Stage) -> None:
    desk.register(1, 4)
    desk.track(100.0)
    del stage.capacities[VARIANT]
    desk.service.tick()
    assert desk.targets() == []
    assert stage.alarms == {}


def test_a_deleted_policy_is_gone_with_its_alarms(desk: Desk, stage: Stage) -> None:
    desk.register(1, 4)
    desk.track(100.0)
    desk.call("DeleteScalingPolicy", PolicyName="p")
    assert stage.alarms == {}
    with pytest.raises(ApiError, match="No scaling policy found"):
        desk.call("DeleteScalingPolicy", PolicyName="p")


def test_provisioned_concurrency_is_scaled_like_instances(desk: Desk, stage: Stage) -> None:
    desk.register(2, 6, SERVERLESS)
    assert stage.capacities[SERVERLESS].desired == 2


def test_targets_are_tagged(desk: Desk) -> None:
    arn = desk.register(1, 4, Tags={"team": "vision"})

    def call(operation: str, **request: Any) -> dict[str, Any]:
        return desk.service.call(SCOPE, operation, {"ResourceARN": arn, **request})

    call("TagResource", Tags={"stage": "dev"})
    call("UntagResource", TagKeys=["team"])
    assert call("ListTagsForResource") == {"Tags": {"stage": "dev"}}
    with pytest.raises(ApiError, match="ResourceNotFoundException"):
        desk.service.call(SCOPE, "ListTagsForResource", {"ResourceARN": arn[:-2]})


def test_pages_follow_each_other(desk: Desk) -> None:
    desk.register(1, 4)
    for number in range(3):
        desk.track(100.0, f"p{number}")
    first = desk.call("DescribeScalingPolicies", MaxResults=2)
    second = desk.call("DescribeScalingPolicies", MaxResults=2, NextToken=first["NextToken"])
    names = [each["PolicyName"] for page in (first, second) for each in page["ScalingPolicies"]]
    assert names == ["p0", "p1", "p2"]
    assert "NextToken" not in second
    with pytest.raises(ApiError, match="InvalidNextTokenException"):
        desk.call("DescribeScalingPolicies", NextToken="nonsense")


def test_operations_that_are_missing_are_refused_by_name(desk: Desk) -> None:
    with pytest.raises(ApiError, match="PutScheduledAction is not implemented"):
        desk.service.call(SCOPE, "PutScheduledAction", {})


def test_what_was_saved_is_restored(desk: Desk, stage: Stage) -> None:
    desk.register(3, 5)
    desk.track(100.0)
    other = AutoScaling(stage)
    other.restore(desk.service.snapshot())
    assert other.snapshot() == desk.service.snapshot()
    with pytest.raises(ValueError, match="version"):
        other.restore({"version": 99})
