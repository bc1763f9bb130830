"""DeploymentConfig: how an update takes traffic over, in steps and batches (facts sheet C.11)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.sagemaker.errors import invalid
from local.sagemaker.records import Deployment, Variant

ALL_AT_ONCE, CANARY, LINEAR, ROLLING = "ALL_AT_ONCE", "CANARY", "LINEAR", "rolling"
PERCENT = "CAPACITY_PERCENT"
CANARY_PERCENT = (1, 50)
LINEAR_PERCENT = (10, 50)
BATCH_PERCENT = (5, 50)
ROLLBACK_PERCENT = (5, 100)
LONGEST_EXECUTION_SECONDS = 28_800
"""MaximumExecutionTimeoutInSeconds where none is given: the most that one can be."""
_SIZE_OF = {CANARY: "CanarySize", LINEAR: "LinearStepSize"}
_PERCENT_OF = {CANARY: CANARY_PERCENT, LINEAR: LINEAR_PERCENT}


@dataclass(frozen=True, kw_only=True)
class CapacitySize:
    """A part of each variant's fleet: a percentage, or a number of instances."""

    type: str
    value: int

    def share(self, fleets: Sequence[int], times: int = 1) -> float:
        """How much of fleets of these sizes so many of it are, from 0 to 1."""
        if self.type == PERCENT:
            return min(1.0, times * self.value / 100)
        return sum(min(times * self.value, fleet) for fleet in fleets) / sum(fleets)

    def instances(self, fleet: int) -> int:
        """So many instances of a fleet; a percentage is rounded down, to 1 at least."""
        if self.type == PERCENT:
            return max(1, fleet * self.value // 100)
        return min(self.value, fleet)


@dataclass(frozen=True, kw_only=True)
class Step:
    """The new fleet's share of the traffic, and how long it is watched at that."""

    share: float
    wait_seconds: float


@dataclass(frozen=True, kw_only=True)
class BlueGreen:
    """A whole new fleet beside the old one, which takes the traffic over in steps."""

    type: str
    steps: tuple[Step, ...]
    timeout_seconds: float
    alarms: tuple[str, ...]

    @property
    def waits_seconds(self) -> float:
        """Of all steps together."""
        return sum(step.wait_seconds for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class Rolling:
    """Batches of instances that take the place of old ones."""

    batch: int
    rollback_batch: int
    total: int
    wait_seconds: float
    timeout_seconds: float
    alarms: tuple[str, ...]
    type: str = ROLLING

    @property
    def counts(self) -> tuple[int, ...]:
        """How many new instances there are after each batch."""
        return _batches(self.total, self.batch)

    @property
    def waits_seconds(self) -> float:
        """After all batches together."""
        return len(self.counts) * self.wait_seconds

    def remaining(self, new: int, old_total: int) -> int:
        """How many of `old_total` old instances stay beside `new` new ones."""
        return math.ceil(old_total * (1 - new / self.total))

    def way_back(self, old: int, old_total: int) -> tuple[int, ...]:
        """How many old instances there are after each batch of a rollback that finds `old`."""
        missing = old_total - old
        return tuple(old + count for count in _batches(missing, self.rollback_batch))


Plan = BlueGreen | Rolling


def plan_of(config: dict[str, Any] | None, deployment: Deployment) -> Plan:
    """What a DeploymentConfig means for a deployment; without one everything moves at once.

    Raises ApiError for a configuration that contradicts itself or the size of the fleets.
    """
    config = config or {}
    blue_green = config.get("BlueGreenUpdatePolicy")
    rolling = config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        raise invalid(
            "DeploymentConfig: specify either BlueGreenUpdatePolicy or RollingUpdatePolicy."
        )
    alarms = _alarms(config)
    if rolling:
        plan: Plan = _rolling(rolling, alarms, deployment)
    else:
        plan = _blue_green(blue_green or {}, alarms, deployment)
    if plan.timeout_seconds <= plan.waits_seconds:
        raise invalid(
            f"MaximumExecutionTimeoutInSeconds is {plan.timeout_seconds:g}; it must be above "
            f"{plan.waits_seconds:g}, the sum of all waits of this deployment."
        )
    return plan


def check_names(plan: Plan, deployment: Deployment, current: Deployment | None) -> None:
    """Raises ApiError where traffic would move between variants of different names (C.11)."""
    if current is None or plan.type == ALL_AT_ONCE:
        return
    before = sorted(variant.name for variant in current.everything)
    after = sorted(variant.name for variant in deployment.everything)
    if before != after:
        raise invalid(
            f"A {plan.type} deployment needs the same variant names in the old and the new "
            f"endpoint configuration: {current.config_name} has {', '.join(before)}; "
            f"{deployment.config_name} has {', '.join(after)}. Use ALL_AT_ONCE."
        )
    if any(variant.serverless for variant in current.everything):
        raise invalid(f"{plan.type}: not for an endpoint that is serverless. Use ALL_AT_ONCE.")


def _alarms(config: dict[str, Any]) -> tuple[str, ...]:
    given = config.get("AutoRollbackConfiguration", {}).get("Alarms", ())
    names = tuple(str(each.get("AlarmName") or "") for each in given)
    if not all(names):
        raise invalid("AutoRollbackConfiguration: each of Alarms needs an AlarmName.")
    return names


def _blue_green(
    policy: dict[str, Any], alarms: tuple[str, ...], deployment: Deployment
) -> BlueGreen:
    routing = policy.get("TrafficRoutingConfiguration", {})
    kind = routing.get("Type", ALL_AT_ONCE)
    for of, member in _SIZE_OF.items():
        if of != kind and routing.get(member):
            raise invalid(f"{member} is for TrafficRoutingConfiguration Type {of}, not {kind}.")
    termination_wait = float(policy.get("TerminationWaitInSeconds", 0))
    shares = _shares(kind, routing, deployment)
    wait = float(routing.get("WaitIntervalInSeconds", 0))
    return BlueGreen(
        type=kind,
        steps=(
            *(Step(share=share, wait_seconds=wait) for share in shares),
            Step(share=1.0, wait_seconds=termination_wait),
        ),
        timeout_seconds=_timeout(policy),
        alarms=alarms,
    )


def _shares(kind: str, routing: dict[str, Any], deployment: Deployment) -> list[float]:
    """The new fleet's shares before it has everything."""
    if kind == ALL_AT_ONCE:
        return []
    member = _SIZE_OF[kind]
    if not routing.get(member):
        raise invalid(f"TrafficRoutingConfiguration Type {kind} needs {member}.")
    size = _size(routing[member], member, _PERCENT_OF[kind], deployment)
    for variant in deployment.everything:
        if variant.desired_instance_count < 2:
            raise invalid(
                f"Variant {variant.name} has 1 instance: {kind} needs 2 or more. Use ALL_AT_ONCE."
            )
    fleets = _fleets(deployment)
    if kind == CANARY:
        return [size.share(fleets)]
    shares, share = [], size.share(fleets)
    while share < 1:
        shares.append(share)
        share = size.share(fleets, len(shares) + 1)
    return shares


def _rolling(policy: dict[str, Any], alarms: tuple[str, ...], deployment: Deployment) -> Rolling:
    if len(deployment.everything) > 1:
        raise invalid(
            "RollingUpdatePolicy: not for endpoints with several variants, a shadow counted "
            f"({', '.join(variant.name for variant in deployment.everything)})."
        )
    member, back = "MaximumBatchSize", "RollbackMaximumBatchSize"
    size = _size(policy[member], member, BATCH_PERCENT, deployment)
    rollback = _size(
        policy.get(back) or {"Type": PERCENT, "Value": 100}, back, ROLLBACK_PERCENT, deployment
    )
    (total,) = _fleets(deployment)
    return Rolling(
        batch=size.instances(total),
        rollback_batch=rollback.instances(total),
        total=total,
        wait_seconds=float(policy["WaitIntervalInSeconds"]),
        timeout_seconds=_timeout(policy),
        alarms=alarms,
    )


def _size(
    given: dict[str, Any], member: str, limits: tuple[int, int], deployment: Deployment
) -> CapacitySize:
    size = CapacitySize(type=given["Type"], value=given["Value"])
    for variant in deployment.everything:
        if variant.serverless:
            raise invalid(
                f"{member}: variant {variant.name} is serverless and has no instances. "
                "Use ALL_AT_ONCE."
            )
        _check_size(size, member, limits, variant)
    return size


def _check_size(size: CapacitySize, member: str, limits: tuple[int, int], variant: Variant) -> None:
    low, high = limits
    count = variant.desired_instance_count
    percent = float(size.value) if size.type == PERCENT else 100 * size.value / count
    if not low <= percent <= high:
        found = (
            f"{size.value} %"
            if size.type == PERCENT
            else f"{size.value} of the {count} instances of variant {variant.name}"
        )
        raise invalid(f"{member} is {found}; it must be from {low} to {high} % of the capacity.")


def _fleets(deployment: Deployment) -> list[int]:
    return [variant.desired_instance_count for variant in deployment.everything]


def _timeout(policy: dict[str, Any]) -> float:
    return float(policy.get("MaximumExecutionTimeoutInSeconds", LONGEST_EXECUTION_SECONDS))


def _batches(total: int, batch: int) -> tuple[int, ...]:
    return tuple(min(done, total) for done in range(batch, total + batch, batch))
