"""Endpoints and alarms for Application Auto Scaling to stand on, without a cloud."""

from dataclasses import dataclass, field
from typing import Any

from local.autoscaling.ports import Capacity
from local.autoscaling.service import AutoScaling
from local.autoscaling.variants import CONCURRENCY, INSTANCES, ScalableVariant
from local.sagemaker.errors import invalid
from local.sagemaker.ports import Scope

SCOPE = Scope(account="000000000000", region="us-east-1")
VARIANT = ScalableVariant(endpoint_name="e", variant_name="champion", dimension=INSTANCES)
SERVERLESS = ScalableVariant(endpoint_name="s", variant_name="champion", dimension=CONCURRENCY)
PREDEFINED = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}


@dataclass
class Stage:
    """The port, over two dictionaries; a change of capacity is done when `settle` is called."""

    capacities: dict[ScalableVariant, Capacity] = field(default_factory=dict)
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    now: float = 1_000_000.0
    changes: int = 0

    def have(
        self, variant: ScalableVariant, count: int, instance_type: str = "ml.m5.large"
    ) -> None:
        self.capacities[variant] = Capacity(
            current=count, desired=count, busy=False, instance_type=instance_type
        )

    def settle(self, variant: ScalableVariant = VARIANT) -> None:
        self.have(variant, self.capacities[variant].desired)

    def capacity(self, scope: Scope, variant: ScalableVariant) -> Capacity | None:
        assert scope == SCOPE
        return self.capacities.get(variant)

    def set_capacity(self, _scope: Scope, variant: ScalableVariant, count: int) -> None:
        if count > 9:
            raise invalid("The account-level service limit is 9 Instances.")
        self.capacities[variant] = Capacity(
            current=self.capacities[variant].current, desired=count, busy=True, instance_type=None
        )

    def put_alarm(self, _scope: Scope, alarm: dict[str, Any]) -> None:
        self.alarms[alarm["AlarmName"]] = alarm

    def delete_alarms(self, _scope: Scope, names: list[str]) -> None:
        for name in names:
            self.alarms.pop(name, None)

    def in_alarm(self, _scope: Scope, name: str) -> bool:
        return name in self.raised

    def service_linked_role(self, scope: Scope) -> str:
        return f"arn:aws:iam::{scope.account}:role/aws-service-role/scaling"

    def changed(self) -> None:
        self.changes += 1


class Desk:
    """The service with one registered variant, and short words for its requests."""

    def __init__(self, stage: Stage, pace: float = 1.0) -> None:
        self.stage = stage
        self.service = AutoScaling(stage, pace, clock=lambda: stage.now)

    def call(
        self, operation: str, variant: ScalableVariant = VARIANT, **request: Any
    ) -> dict[str, Any]:
        return self.service.call(SCOPE, operation, {**variant.members, **request})

    def register(
        self, least: int, most: int, variant: ScalableVariant = VARIANT, **request: Any
    ) -> str:
        bounds = {"MinCapacity": least, "MaxCapacity": most}
        answer = self.call("RegisterScalableTarget", variant, **bounds, **request)
        arn: str = answer["ScalableTargetARN"]
        return arn

    def track(self, target: float, name: str = "p", **configuration: Any) -> str:
        given = {"TargetValue": target, "PredefinedMetricSpecification": PREDEFINED}
        answer = self.call(
            "PutScalingPolicy",
            PolicyName=name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=given | configuration,
        )
        arn: str = answer["PolicyARN"]
        return arn

    def alarm_names(self, name: str = "p") -> dict[str, str]:
        """By which of the two it is: AlarmHigh, AlarmLow."""
        policies = self.call("DescribeScalingPolicies", PolicyNames=[name])["ScalingPolicies"]
        names = [each["AlarmName"] for each in policies[0]["Alarms"]]
        return {"AlarmHigh" if "-AlarmHigh-" in each else "AlarmLow": each for each in names}

    def react(self, policy_arn: str, alarm: str, *values: float, name: str = "p") -> int:
        """The capacity that is wanted after an alarm of a policy went off."""
        self.service.react(SCOPE, policy_arn, self.alarm_names(name)[alarm], values)
        return self.stage.capacities[VARIANT].desired

    def activities(self) -> list[dict[str, Any]]:
        request = {"ServiceNamespace": "sagemaker"}
        answer = self.service.call(SCOPE, "DescribeScalingActivities", request)
        found: list[dict[str, Any]] = answer["ScalingActivities"]
        return found

    def targets(self) -> list[dict[str, Any]]:
        request = {"ServiceNamespace": "sagemaker"}
        answer = self.service.call(SCOPE, "DescribeScalableTargets", request)
        found: list[dict[str, Any]] = answer["ScalableTargets"]
        return found
