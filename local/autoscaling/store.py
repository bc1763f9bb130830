"""All records of all accounts and regions, under one lock, saved and restored as JSON.

The lock is never held while SageMaker is asked or told anything: SageMaker asks this service, with
its own lock held, which variants are scaled.
"""

import threading
from collections.abc import Callable
from typing import Any

from local.autoscaling.records import Activity, Policy, Record, Target
from local.autoscaling.variants import ScalableVariant
from local.instance.wire import decode, encode
from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope

VERSION = 1
KEPT_ACTIVITIES = 1000


class Store:
    """The records. Hold `lock` to change them."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.lock = threading.RLock()
        self.targets: list[Target] = []
        self.policies: list[Policy] = []
        self.activities: list[Activity] = []

    def changed(self) -> None:
        """Have the records saved soon."""
        del self.activities[:-KEPT_ACTIVITIES]
        self._on_change()

    def find(self, scope: Scope, variant: ScalableVariant) -> Target | None:
        """None where the variant is not registered."""
        with self.lock:
            found = (each for each in self.targets if _is(each, scope, variant))
            return next(found, None)

    def target(self, scope: Scope, variant: ScalableVariant, registered: str = "found") -> Target:
        """Raises ApiError where the variant is not registered."""
        target = self.find(scope, variant)
        if target is None:
            raise ApiError(
                "ObjectNotFoundException", f"No scalable target {registered} for {variant}"
            )
        return target

    def policies_of(self, scope: Scope, variant: ScalableVariant) -> list[Policy]:
        """Every policy of a variant."""
        with self.lock:
            return [each for each in self.policies if _is(each, scope, variant)]

    def remove(self, target: Target) -> list[Policy]:
        """Forget a target and its policies; the policies, whose alarms are still there."""
        with self.lock:
            gone = self.policies_of(target.scope, target.variant)
            self.policies = [each for each in self.policies if each not in gone]
            self.targets = [each for each in self.targets if each is not target]
            self.changed()
            return gone

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.targets, self.policies, self.activities = [], [], []

    def snapshot(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        with self.lock:
            return {
                "version": VERSION,
                "targets": encode(self.targets),
                "policies": encode(self.policies),
                "activities": encode(self.activities),
            }

    def restore(self, state: dict[str, Any]) -> None:
        """Put back what `snapshot` gave. Raises ValueError for another version's state."""
        if state.get("version") != VERSION:
            raise ValueError(f"the saved state has version {state.get('version')}, not {VERSION}")
        with self.lock:
            self.targets = [decode(Target, each) for each in state["targets"]]
            self.policies = [decode(Policy, each) for each in state["policies"]]
            self.activities = [decode(Activity, each) for each in state["activities"]]


def _is(record: Record, scope: Scope, variant: ScalableVariant) -> bool:
    # Names of endpoints differ by more than their case (facts sheet C.1).
    return (
        record.scope == scope
        and record.variant.dimension is variant.dimension
        and record.variant.resource_id.lower() == variant.resource_id.lower()
    )
