"""RegisterScalableTarget, DescribeScalableTargets, DeregisterScalableTarget, and tags."""

import uuid
from collections.abc import Callable
from typing import Any

from local.autoscaling import listing
from local.autoscaling.capacities import Capacities
from local.autoscaling.ports import Surroundings
from local.autoscaling.records import Target, place
from local.autoscaling.store import Store
from local.autoscaling.variants import INSTANCES, LEAST_CAPACITY, NAMESPACE, ScalableVariant
from local.sagemaker.errors import ApiError, invalid
from local.sagemaker.ports import Scope

MOST_TAGS = 50
BURSTABLE = "ml.t2."
Request = dict[str, Any]


class Targets:
    """The operations on scalable targets."""

    def __init__(
        self,
        store: Store,
        surroundings: Surroundings,
        capacities: Capacities,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._surroundings = surroundings
        self._capacities = capacities
        self._clock = clock

    def register(self, scope: Scope, request: Request) -> Request:
        variant = ScalableVariant.of(request)
        known = self._store.find(scope, variant)
        minimum, maximum = _bounds(request, known)
        target = known or self._new(scope, variant, request)
        bound = "minimum" if known is None or "MinCapacity" in request else "maximum"
        number = minimum if bound == "minimum" else maximum
        with self._store.lock:
            target.minimum, target.maximum = minimum, maximum
            target.bounds_set = f"{bound} capacity was set to {number}"
            target.suspended = target.suspended | request.get("SuspendedState", {})
            if target not in self._store.targets:
                self._store.targets.append(target)
            self._store.changed()
        self._capacities.bring_within(target)
        return {"ScalableTargetARN": target.arn}

    def describe(self, scope: Scope, request: Request) -> Request:
        listing.check(request)
        named = request.get("ResourceIds")
        with self._store.lock:
            found = [
                {
                    **target.variant.members,
                    "MinCapacity": target.minimum,
                    "MaxCapacity": target.maximum,
                    "RoleARN": target.role_arn,
                    "CreationTime": target.created,
                    "SuspendedState": _suspended(target),
                    "ScalableTargetARN": target.arn,
                }
                for target in self._store.targets
                if listing.matches(target, scope, request)
                and (not named or target.variant.resource_id in named)
            ]
        return listing.page("ScalableTargets", found, request)

    def deregister(self, scope: Scope, request: Request) -> Request:
        self.forget(self._store.target(scope, ScalableVariant.of(request)))
        return {}

    def forget(self, target: Target) -> None:
        """Remove a target with its policies and their alarms."""
        policies = self._store.remove(target)
        alarms = [name for policy in policies for name in policy.alarms]
        self._surroundings.delete_alarms(target.scope, alarms)

    def follow(self) -> None:
        """Keep up with endpoints that were busy when they were registered, and forget those that
        are gone: SageMaker deregisters what it deletes, and nothing else here would notice."""
        with self._store.lock:
            targets = list(self._store.targets)
        for target in targets:
            if self._surroundings.capacity(target.scope, target.variant) is None:
                self.forget(target)
            else:
                self._capacities.bring_within(target)

    def tags(self, scope: Scope, request: Request) -> Request:
        return {"Tags": dict(self._by_arn(scope, request).tags)}

    def tag(self, scope: Scope, request: Request) -> Request:
        target = self._by_arn(scope, request)
        with self._store.lock:
            target.tags = _checked(target.tags | request["Tags"])
            self._store.changed()
        return {}

    def untag(self, scope: Scope, request: Request) -> Request:
        target = self._by_arn(scope, request)
        with self._store.lock:
            for key in request["TagKeys"]:
                target.tags.pop(key, None)
            self._store.changed()
        return {}

    def _new(self, scope: Scope, variant: ScalableVariant, request: Request) -> Target:
        capacity = self._surroundings.capacity(scope, variant)
        if capacity is None:
            raise invalid(
                f"The variant {variant.resource_id} does not exist, or has no "
                f"{variant.dimension.member}."
            )
        if variant.dimension is INSTANCES and (capacity.instance_type or "").startswith(BURSTABLE):
            raise invalid(
                f"The instance type {capacity.instance_type} of {variant.resource_id} is "
                "burstable: SageMaker does not scale it automatically."
            )
        number = uuid.uuid4().hex
        return Target(
            **place(scope, variant),
            created=self._clock(),
            arn=f"arn:aws:application-autoscaling:{scope.region}:{scope.account}:scalable-target/"
            f"{number}",
            minimum=request["MinCapacity"],
            maximum=request["MaxCapacity"],
            # As AWS: where there is a service-linked role, a RoleARN of the request is not used.
            role_arn=self._surroundings.service_linked_role(scope),
            tags=_checked(request.get("Tags", {})),
        )

    def _by_arn(self, scope: Scope, request: Request) -> Target:
        arn = request["ResourceARN"]
        with self._store.lock:
            for target in self._store.targets:
                if target.arn == arn and target.scope == scope:
                    return target
        raise ApiError(
            "ResourceNotFoundException", f"{arn} does not exist.", members={"ResourceName": arn}
        )


def _bounds(request: Request, known: Target | None) -> tuple[int, int]:
    minimum: int | None = request.get("MinCapacity", known.minimum if known else None)
    maximum: int | None = request.get("MaxCapacity", known.maximum if known else None)
    if minimum is None or maximum is None:
        raise invalid("MinCapacity and MaxCapacity are required to register a scalable target.")
    if minimum < LEAST_CAPACITY:
        raise invalid(
            f"MinCapacity must be {LEAST_CAPACITY} or more for {NAMESPACE} variants, not {minimum}."
        )
    if maximum < minimum:
        raise invalid(
            f"Maximum capacity cannot be less than minimum capacity: {maximum} is less than "
            f"{minimum}."
        )
    return minimum, maximum


def _checked(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > MOST_TAGS:
        raise ApiError(
            "TooManyTagsException", f"A target has at most {MOST_TAGS} tags, not {len(tags)}."
        )
    return dict(tags)


def _suspended(target: Target) -> dict[str, bool]:
    members = (
        "DynamicScalingInSuspended",
        "DynamicScalingOutSuspended",
        "ScheduledScalingSuspended",
    )
    return {member: target.suspended.get(member, False) for member in members}
