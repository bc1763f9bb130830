"""What an environment costs a month on both sides, and what its rollout costs once."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scripts.deployment.assembly import SynthesizedStack
from scripts.differences.endpoints import EndpointDifference
from scripts.errors import Refused
from scripts.pricing import Amount, Estimate, Line, Prices, Usage, estimate, rollout_lines
from scripts.pricing.line import total, unknown_of
from scripts.pricing.rollout import STARTUP_SECONDS


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How much dearer a month may become before somebody has to look at it."""

    percent: Decimal = Decimal(20)
    usd: Decimal = Decimal(50)

    def __post_init__(self) -> None:
        for what, found in (("--cost-percent", self.percent), ("--cost-usd", self.usd)):
            if not found.is_finite() or found < 0:
                raise Refused(f"{what} is {found}; give a number of 0 or more")

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} % and ${self.usd.normalize():f}"


@dataclass(frozen=True, kw_only=True)
class CostDifference:
    """One environment's cost, as far as prices are known."""

    before: Estimate
    after: Estimate
    once: tuple[Line, ...] = ()
    """Of the second fleets of the rollouts."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """What of either side has no known price."""
        names = (*self.before.unknown, *self.after.unknown, *unknown_of(self.once))
        return tuple(dict.fromkeys(names))

    @property
    def once_usd(self) -> Amount:
        return total(self.once)

    @property
    def changes(self) -> bool:
        """Whether there is anything to tell."""
        before, after = self.before, self.after
        return bool(self.once) or (before.known_usd, before.unknown) != (
            after.known_usd,
            after.unknown,
        )

    def beyond(self, limit: Limit) -> bool:
        """Whether the rise is above the limit, in percent and in money both."""
        before, after = self.before.known_usd, self.after.known_usd
        return any(
            new - old > limit.usd and new - old > old * limit.percent / 100
            for old, new in ((before.least, after.least), (before.most, after.most))
        )

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "before": self.before.to_value(),
            "after": self.after.to_value(),
            "once_usd": self.once_usd.to_value(),
            "unknown": list(self.unknown),
        }


def cost_difference(
    before: tuple[str, Iterable[SynthesizedStack]],
    after: tuple[str, Iterable[SynthesizedStack]],
    endpoints: Iterable[EndpointDifference],
    prices: Prices,
) -> CostDifference:
    """Each side's region and stacks, and the endpoints that change between them."""
    region, stacks = after
    return CostDifference(
        before=_month(*before, prices),
        after=_month(region, stacks, prices),
        once=tuple(
            line
            for each in endpoints
            if each.after is not None and each.change.extra_instances
            for line in rollout_lines(
                each.after, STARTUP_SECONDS + each.change.least_seconds, region, prices
            )
        ),
    )


def _month(region: str, stacks: Iterable[SynthesizedStack], prices: Prices) -> Estimate:
    return estimate([stack.template for stack in stacks], region, Usage(), prices)
