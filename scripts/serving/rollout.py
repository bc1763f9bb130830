"""How an update reaches an endpoint, from its DeploymentConfig (facts C.11), in words and figures.

The template and DescribeEndpoint spell it alike, so both are read here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

_ALL_AT_ONCE: Final = "ALL_AT_ONCE"


@dataclass(frozen=True, kw_only=True)
class RolloutPolicy:
    """A DeploymentConfig, read. Waits are in seconds."""

    kind: str = _ALL_AT_ONCE
    """ALL_AT_ONCE, CANARY, LINEAR, or ROLLING, for which SageMaker has no constant."""

    size_type: str = "CAPACITY_PERCENT"
    size: int = 100
    """Of the first part, of each step, or of each batch."""

    wait_seconds: int = 0
    watch_seconds: int = 0
    alarms: tuple[Any, ...] = ()
    """As the template or the service names them."""

    @classmethod
    def read(cls, config: Mapping[str, Any] | None) -> Self:
        """None is what SageMaker does unless it is told otherwise: all at once."""
        config = config or {}
        rollback = config.get("AutoRollbackConfiguration") or {}
        alarms = tuple(alarm["AlarmName"] for alarm in rollback.get("Alarms") or ())
        if rolling := config.get("RollingUpdatePolicy"):
            size = rolling["MaximumBatchSize"]
            return cls(
                kind="ROLLING",
                size_type=size["Type"],
                size=int(size["Value"]),
                wait_seconds=int(rolling.get("WaitIntervalInSeconds") or 0),
                alarms=alarms,
            )
        policy = config.get("BlueGreenUpdatePolicy") or {}
        routing = policy.get("TrafficRoutingConfiguration") or {}
        size = routing.get("CanarySize") or routing.get("LinearStepSize") or {}
        return cls(
            kind=routing.get("Type", _ALL_AT_ONCE),
            size_type=size.get("Type", "CAPACITY_PERCENT"),
            size=int(size.get("Value", 100)),
            wait_seconds=int(routing.get("WaitIntervalInSeconds") or 0),
            watch_seconds=int(policy.get("TerminationWaitInSeconds") or 0),
            alarms=alarms,
        )

    @property
    def needs_the_same_variants(self) -> bool:
        """Traffic that moves in parts moves variant by variant (facts C.11)."""
        return self.kind != _ALL_AT_ONCE

    @property
    def name(self) -> str:
        return self.kind.lower().replace("_", " ")

    def steps(self, fleet: int) -> int:
        """How many parts the traffic of a fleet of so many instances moves in."""
        if self.kind == _ALL_AT_ONCE:
            return 1
        if self.kind == "CANARY":
            return 2
        return max(1, math.ceil(fleet / self._part_of(fleet)))

    def waits_seconds(self, fleet: int) -> int:
        """The time that an update takes at least: what it waits between its steps and after."""
        between = self.steps(fleet) if self.kind == "ROLLING" else self.steps(fleet) - 1
        if self.kind == _ALL_AT_ONCE:
            between = 1 if self.wait_seconds else 0
        return between * self.wait_seconds + self.watch_seconds

    def extra_instances(self, fleet: int) -> int:
        """How many instances run, and bill, beside the fleet while the update goes on."""
        if self.kind != "ROLLING":
            return fleet
        return min(fleet, self._part_of(fleet))

    def fits(self, fleet: int) -> bool:
        """Whether a variant of so many instances can be updated in these parts (facts C.11).

        No part may be more than half of it, and capacity comes in whole instances.
        """
        return fleet >= self.smallest_fleet

    @property
    def smallest_fleet(self) -> int:
        """The number of instances of a variant from which on these parts are possible."""
        if self.kind == _ALL_AT_ONCE or (self.kind == "ROLLING" and not self._in_instances):
            return 1
        return 2 * self.size if self._in_instances else 2

    def describe(self) -> str:
        """One clause, such as `canary: 1 instance first, watched for 10 min, then the rest`."""
        watched = f", watched for {duration(self.wait_seconds)}" if self.wait_seconds else ""
        text = {
            "CANARY": f"canary: {self._part} first{watched}, then the rest",
            "LINEAR": f"linear: in steps of {self._part}{watched}",
            "ROLLING": f"rolling: in batches of {self._part}{watched}",
        }.get(self.kind, "blue/green: all traffic at once")
        if self.watch_seconds:
            text += f"; the old fleet stays {duration(self.watch_seconds)} longer"
        if self.alarms:
            text += "; an alarm brings it back"
        return text

    def _part_of(self, fleet: int) -> int:
        return max(1, self.size if self._in_instances else math.ceil(fleet * self.size / 100))

    @property
    def _in_instances(self) -> bool:
        return self.size_type == "INSTANCE_COUNT"

    @property
    def _part(self) -> str:
        if self._in_instances:
            return f"{self.size} instance{'' if self.size == 1 else 's'}"
        return f"{self.size} %"


def duration(seconds: float) -> str:
    """`45 s`, `10 min`, `1 h 5 min`: as exact as somebody who waits wants it."""
    whole = round(seconds)
    if whole == 0 or (whole < 120 and whole % 60):
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
