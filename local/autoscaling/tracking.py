"""What a policy does when one of its alarms goes off.

It changes nothing while the endpoint is busy, within a cool-down, or where scaling is suspended.
Cool-downs begin when a change begins; a scale-out does not wait for the end of a scale-in's.
"""

from collections.abc import Callable, Sequence

from local.autoscaling.capacities import Capacities
from local.autoscaling.ports import Surroundings
from local.autoscaling.records import FAILED, Policy, Target
from local.autoscaling.store import Store
from local.autoscaling.target_tracking import scaled_in, scaled_out
from local.autoscaling.tracked_metrics import DEFAULT_COOLDOWN_SECONDS
from local.sagemaker.ports import Scope


class Tracking:
    """Turns alarms into changes of capacity. `pace` is how many times as fast cool-downs pass."""

    def __init__(
        self,
        store: Store,
        surroundings: Surroundings,
        capacities: Capacities,
        clock: Callable[[], float],
        pace: float,
    ) -> None:
        self._store = store
        self._surroundings = surroundings
        self._capacities = capacities
        self._clock = clock
        self._pace = pace

    def react(
        self, scope: Scope, policy_arn: str, alarm_name: str, values: Sequence[float]
    ) -> None:
        """An alarm is in ALARM; `values` are its metric's in the last periods, newest first."""
        policy = self._policy(scope, policy_arn)
        if policy is None or not values:
            return
        target = self._store.find(scope, policy.variant)
        if target is None:
            return
        capacity = self._surroundings.capacity(scope, policy.variant)
        if capacity is None or capacity.busy:
            return
        tracked = float(policy.configuration["TargetValue"])
        out = alarm_name == policy.high_alarm
        if out:
            wanted = scaled_out(capacity.desired, values[0], tracked, target.maximum)
        else:
            wanted = scaled_in(capacity.desired, values, tracked, target.minimum)
        if wanted != capacity.desired and self._allowed(policy, target, out=out):
            self._scale(policy, target, wanted, alarm_name, out=out)

    def _policy(self, scope: Scope, arn: str) -> Policy | None:
        with self._store.lock:
            found = (each for each in self._store.policies if each.arn == arn)
            policy = next(found, None)
        return policy if policy is not None and policy.scope == scope else None

    def _allowed(self, policy: Policy, target: Target, *, out: bool) -> bool:
        way = "Out" if out else "In"
        if target.suspended.get(f"DynamicScaling{way}Suspended"):
            return False
        cooldown = policy.configuration.get(f"Scale{way}Cooldown", DEFAULT_COOLDOWN_SECONDS)
        last = policy.scaled_out if out else max(policy.scaled_in, policy.scaled_out)
        if self._clock() - last < cooldown / self._pace:
            return False
        return out or self._agreed(policy)

    def _agreed(self, policy: Policy) -> bool:
        """Of several policies on one target all that scale in at all must be for it."""
        return all(
            self._surroundings.in_alarm(policy.scope, other.low_alarm)
            for other in self._store.policies_of(policy.scope, policy.variant)
            if other is not policy and other.low_alarm
        )

    def _scale(
        self, policy: Policy, target: Target, wanted: int, alarm_name: str, *, out: bool
    ) -> None:
        cause = f"monitor alarm {alarm_name} in state ALARM triggered policy {policy.name}"
        activity = self._capacities.change(target, wanted, cause)
        if activity.status == FAILED:
            return
        with self._store.lock:
            if out:
                policy.scaled_out = self._clock()
            else:
                policy.scaled_in = self._clock()
            self._store.changed()
