"""How an update reaches a real-time endpoint: SageMaker's deployment guardrails (facts C.11)."""

import math
from dataclasses import dataclass
from typing import Final

from config.errors import require

CANARY_PERCENT: Final = (1, 50)
LINEAR_PERCENT: Final = (10, 50)
BATCH_PERCENT: Final = (5, 50)
ROLLBACK_BATCH_PERCENT: Final = (5, 100)
"""Of a variant's fleet, what may be moved at once."""

_WAIT_SECONDS: Final = (0, 3600)
_TIMEOUT_SECONDS: Final = (600, 28_800)


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """A part of a variant's fleet: a share in percent, or a number of instances."""

    percent: int | None = None
    instances: int | None = None

    def __post_init__(self) -> None:
        require(
            (self.percent is None) != (self.instances is None),
            "rollout capacity",
            found=(self.percent, self.instances),
            limit="either percent or instances",
        )
        require(
            self.instances is None or self.instances >= 1,
            "rollout capacity",
            found=self.instances,
            limit="1 instance or more",
        )

    def share(self, fleet: int) -> float:
        """The part of `fleet` instances that it is, from 0 to 1."""
        if self.percent is not None:
            return self.percent / 100
        return (self.instances or 0) / fleet

    def parts(self, fleet: int) -> int:
        """In how many steps of this size `fleet` instances are done, at the most."""
        if self.percent is not None:
            return math.ceil(100 / self.percent)
        return math.ceil(fleet / (self.instances or fleet))


@dataclass(frozen=True, kw_only=True)
class AllAtOnce:
    """A new fleet beside the old one; all traffic moves at once."""

    watch_seconds: int = 0
    """Both fleets stay for so long: with auto_rollback an alarm still moves the traffic back."""

    timeout_seconds: int = 3600
    auto_rollback: bool = False
    """Go back by itself when one of the endpoint's alarms fires."""

    def __post_init__(self) -> None:
        _check_waits(watch_seconds=self.watch_seconds)
        _check_timeout(self.timeout_seconds)

    def waits_for(self, fleet: int) -> int:
        """Seconds that an update of `fleet` instances waits in all."""
        del fleet  # They all move together.
        return self.watch_seconds


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A small part of the traffic first; the rest when nothing happened meanwhile."""

    size: Capacity
    """At most half of the fleet."""

    wait_seconds: int
    """How long the small part is watched."""

    watch_seconds: int = 0
    timeout_seconds: int = 3600
    auto_rollback: bool = False

    def __post_init__(self) -> None:
        _check_percent("rollout.size", self.size, CANARY_PERCENT)
        _check_waits(wait_seconds=self.wait_seconds, watch_seconds=self.watch_seconds)
        _check_timeout(self.timeout_seconds)

    def waits_for(self, fleet: int) -> int:
        """Seconds that an update of `fleet` instances waits in all."""
        del fleet  # There are two steps, whatever their size.
        return self.wait_seconds + self.watch_seconds


@dataclass(frozen=True, kw_only=True)
class Linear:
    """The traffic in equal steps, each watched before the next."""

    step: Capacity
    """From 10 to 50 percent of the fleet."""

    wait_seconds: int
    """How long each step is watched."""

    watch_seconds: int = 0
    timeout_seconds: int = 3600
    auto_rollback: bool = False

    def __post_init__(self) -> None:
        _check_percent("rollout.step", self.step, LINEAR_PERCENT)
        _check_waits(wait_seconds=self.wait_seconds, watch_seconds=self.watch_seconds)
        _check_timeout(self.timeout_seconds)

    def waits_for(self, fleet: int) -> int:
        """Seconds that an update of `fleet` instances waits: between steps, and at the end."""
        return (self.step.parts(fleet) - 1) * self.wait_seconds + self.watch_seconds


@dataclass(frozen=True, kw_only=True)
class Rolling:
    """Batches of instances are replaced in place; the least extra capacity."""

    batch: Capacity
    """From 5 to 50 percent of the fleet."""

    wait_seconds: int
    """How long each batch is watched."""

    rollback_batch: Capacity = Capacity(percent=100)
    timeout_seconds: int = 3600
    auto_rollback: bool = False

    def __post_init__(self) -> None:
        _check_percent("rollout.batch", self.batch, BATCH_PERCENT)
        _check_percent("rollout.rollback_batch", self.rollback_batch, ROLLBACK_BATCH_PERCENT)
        _check_waits(wait_seconds=self.wait_seconds)
        _check_timeout(self.timeout_seconds)

    def waits_for(self, fleet: int) -> int:
        """Seconds that an update of `fleet` instances waits in all: after every batch."""
        return self.batch.parts(fleet) * self.wait_seconds


Rollout = AllAtOnce | Canary | Linear | Rolling


def _check_percent(what: str, capacity: Capacity, percents: tuple[int, int]) -> None:
    low, high = percents
    require(
        capacity.percent is None or low <= capacity.percent <= high,
        what,
        found=f"{capacity.percent} percent",
        limit=f"from {low} to {high} percent of the fleet",
    )


def _check_waits(**seconds: int) -> None:
    low, high = _WAIT_SECONDS
    for what, found in seconds.items():
        require(low <= found <= high, f"rollout.{what}", found=found, limit=f"from {low} to {high}")


def _check_timeout(found: int) -> None:
    low, high = _TIMEOUT_SECONDS
    require(
        low <= found <= high, "rollout.timeout_seconds", found=found, limit=f"from {low} to {high}"
    )
