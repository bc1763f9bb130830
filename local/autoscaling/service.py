"""Application Auto Scaling as the cloud around it sees it."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from local.autoscaling import listing
from local.autoscaling.capacities import Capacities
from local.autoscaling.policies import Policies
from local.autoscaling.ports import Surroundings
from local.autoscaling.records import Activity
from local.autoscaling.store import Store
from local.autoscaling.targets import Targets
from local.autoscaling.tracking import Tracking
from local.autoscaling.variants import INSTANCES, ScalableVariant
from local.sagemaker import shapes
from local.sagemaker.errors import unknown_operation
from local.sagemaker.ports import Scope
from local.sagemaker.refusals import refuse

SERVICE = "application-autoscaling"
Request = dict[str, Any]
Operation = Callable[[Scope, Request], Request]


class AutoScaling:
    """The service. Thread-safe; knows no emulator.

    `pace` divides cool-downs; the alarms' periods are the alarms' matter.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        pace: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = Store(surroundings.changed)
        self._capacities = Capacities(self._store, surroundings, clock)
        self._targets = Targets(self._store, surroundings, self._capacities, clock)
        self._policies = Policies(self._store, surroundings, clock)
        self._tracking = Tracking(self._store, surroundings, self._capacities, clock, pace)
        self._operations: dict[str, Operation] = {
            "RegisterScalableTarget": self._targets.register,
            "DescribeScalableTargets": self._targets.describe,
            "DeregisterScalableTarget": self._targets.deregister,
            "ListTagsForResource": self._targets.tags,
            "TagResource": self._targets.tag,
            "UntagResource": self._targets.untag,
            "PutScalingPolicy": self._policies.put,
            "DescribeScalingPolicies": self._policies.describe,
            "DeleteScalingPolicy": self._policies.delete,
            "DescribeScalingActivities": self._describe_activities,
        }

    @property
    def operations(self) -> tuple[str, ...]:
        """The API operations that are implemented."""
        return tuple(sorted(self._operations))

    def call(self, scope: Scope, operation: str, request: Request) -> Request:
        """One API operation. Raises ApiError."""
        implementation = self._operations.get(operation)
        if implementation is None:
            raise unknown_operation(operation)
        shapes.check_request(operation, request, SERVICE)
        return shapes.response(operation, implementation(scope, request), SERVICE)

    def react(
        self, scope: Scope, policy_arn: str, alarm_name: str, values: Sequence[float]
    ) -> None:
        """An alarm of a policy is in ALARM, judged by these datapoints, newest first."""
        self._tracking.react(scope, policy_arn, alarm_name, values)

    def tick(self) -> None:
        """Called about every second: end activities that are done, forget what was deleted."""
        self._capacities.follow()
        self._targets.follow()

    def scaled(self, scope: Scope, endpoint_name: str) -> dict[str, str]:
        """An endpoint's registered variants and the ARNs of their targets."""
        with self._store.lock:
            return {
                target.variant_name: target.arn
                for target in self._store.targets
                if target.scope == scope and target.endpoint_name.lower() == endpoint_name.lower()
            }

    def fleets(self) -> list[tuple[Scope, ScalableVariant]]:
        """Every registered variant whose instances are scaled."""
        with self._store.lock:
            return [
                (target.scope, target.variant)
                for target in self._store.targets
                if target.variant.dimension is INSTANCES
            ]

    def snapshot(self) -> dict[str, Any]:
        """All state, as JSON values."""
        return self._store.snapshot()

    def restore(self, state: dict[str, Any]) -> None:
        """Put a snapshot back. Raises ValueError for an unknown version."""
        self._store.restore(state)

    def reset(self) -> None:
        """Forget everything."""
        self._store.clear()

    def _describe_activities(self, scope: Scope, request: Request) -> Request:
        refuse(request, "DescribeScalingActivities", "IncludeNotScaledActivities")
        listing.check(request)
        self._capacities.follow()
        with self._store.lock:
            found = [
                _described(activity)
                for activity in reversed(self._store.activities)
                if listing.matches(activity, scope, request)
            ]
        return listing.page("ScalingActivities", found, request)


def _described(activity: Activity) -> Request:
    return {
        "ActivityId": activity.id,
        **activity.variant.members,
        "Description": f"Setting {activity.variant.dimension.noun} to {activity.capacity}.",
        "Cause": activity.cause,
        "StartTime": activity.created,
        "EndTime": activity.ended,
        "StatusCode": activity.status,
        "StatusMessage": activity.message,
    }
