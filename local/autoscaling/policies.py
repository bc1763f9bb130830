"""PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy: target tracking."""

import uuid
from collections.abc import Callable
from typing import Any

from local.autoscaling import listing
from local.autoscaling.ports import Surroundings
from local.autoscaling.records import Policy, place
from local.autoscaling.store import Store
from local.autoscaling.tracked_metrics import alarm, tracked
from local.autoscaling.variants import NAMESPACE, ScalableVariant
from local.sagemaker.errors import ApiError, invalid, unsupported
from local.sagemaker.ports import Scope
from local.sagemaker.refusals import refuse

TARGET_TRACKING = "TargetTrackingScaling"
CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"
Request = dict[str, Any]


class Policies:
    """The operations on scaling policies."""

    def __init__(
        self, store: Store, surroundings: Surroundings, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._surroundings = surroundings
        self._clock = clock

    def put(self, scope: Scope, request: Request) -> Request:
        variant = ScalableVariant.of(request)
        self._store.target(scope, variant, registered="registered")
        configuration = _configuration(request)
        metric = tracked(variant, configuration)
        known = self._find(scope, variant, request["PolicyName"])
        policy = known or self._new(scope, variant, request["PolicyName"])
        scales_in = not configuration.get("DisableScaleIn", False)
        with self._store.lock:
            before = policy.alarms
            policy.configuration = configuration
            policy.low_alarm = policy.high_alarm.replace("AlarmHigh", "AlarmLow")
            if not scales_in:
                policy.low_alarm = None
            if known is None:
                self._store.policies.append(policy)
            self._store.changed()
        for name in policy.alarms:
            high = name == policy.high_alarm
            target = float(configuration["TargetValue"])
            self._surroundings.put_alarm(scope, alarm(metric, policy.arn, name, target, high=high))
        self._surroundings.delete_alarms(
            scope, [name for name in before if name not in policy.alarms]
        )
        return {"PolicyARN": policy.arn, "Alarms": _alarms(policy)}

    def describe(self, scope: Scope, request: Request) -> Request:
        listing.check(request)
        named = request.get("PolicyNames")
        with self._store.lock:
            found = [
                {
                    "PolicyARN": policy.arn,
                    "PolicyName": policy.name,
                    **policy.variant.members,
                    "PolicyType": TARGET_TRACKING,
                    CONFIGURATION: policy.configuration,
                    "Alarms": _alarms(policy),
                    "CreationTime": policy.created,
                }
                for policy in self._store.policies
                if listing.matches(policy, scope, request) and (not named or policy.name in named)
            ]
        return listing.page("ScalingPolicies", found, request)

    def delete(self, scope: Scope, request: Request) -> Request:
        variant = ScalableVariant.of(request)
        policy = self._find(scope, variant, request["PolicyName"])
        if policy is None:
            raise ApiError(
                "ObjectNotFoundException",
                f"No scaling policy found for {variant}, policy name: {request['PolicyName']}",
            )
        with self._store.lock:
            self._store.policies = [each for each in self._store.policies if each is not policy]
            self._store.changed()
        self._surroundings.delete_alarms(scope, policy.alarms)
        return {}

    def _find(self, scope: Scope, variant: ScalableVariant, name: str) -> Policy | None:
        found = (each for each in self._store.policies_of(scope, variant) if each.name == name)
        return next(found, None)

    def _new(self, scope: Scope, variant: ScalableVariant, name: str) -> Policy:
        return Policy(
            **place(scope, variant),
            created=self._clock(),
            arn=f"arn:aws:autoscaling:{scope.region}:{scope.account}:scalingPolicy:{uuid.uuid4()}"
            f":resource/{NAMESPACE}/{variant.resource_id}:policyName/{name}",
            name=name,
            configuration={},
            high_alarm=f"TargetTracking-{variant.resource_id}-AlarmHigh-{uuid.uuid4()}",
            low_alarm=None,
        )


def _configuration(request: Request) -> dict[str, Any]:
    refuse(
        request,
        "PutScalingPolicy",
        "StepScalingPolicyConfiguration",
        "PredictiveScalingPolicyConfiguration",
    )
    # The service's default is StepScaling, which would need its own configuration.
    kind = request.get("PolicyType") or (
        TARGET_TRACKING if request.get(CONFIGURATION) else "StepScaling"
    )
    if kind != TARGET_TRACKING:
        raise unsupported(f"PolicyType {kind}")
    configuration: dict[str, Any] | None = request.get(CONFIGURATION)
    if not configuration:
        raise invalid(f"PolicyType {TARGET_TRACKING} needs {CONFIGURATION}.")
    return configuration


def _alarms(policy: Policy) -> list[dict[str, str]]:
    prefix = f"arn:aws:cloudwatch:{policy.region}:{policy.account}:alarm:"
    return [{"AlarmName": name, "AlarmARN": prefix + name} for name in policy.alarms]
