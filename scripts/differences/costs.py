"""What an environment costs a month on both sides, and what its rollout costs once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from config.errors import ConfigurationError
from config.training import TrainingSettings
from scripts.deployment.assembly import SynthesizedStack
from scripts.differences.endpoints import EndpointDifference
from scripts.differences.synths import SynthesizedEnvironment
from scripts.errors import Refused
from scripts.pricing import Amount, Estimate, Line, Prices, Usage, estimate, rollout_lines
from scripts.pricing.line import total, unknown_of
from scripts.pricing.rollout import STARTUP_SECONDS
from scripts.pricing.training import training_lines

_PRICED: Final = ("instance_type", "instance_count", "volume_size_gb")


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


@dataclass(frozen=True, kw_only=True)
class Priced:
    """What of one side is priced."""

    region: str
    stacks: tuple[SynthesizedStack, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, side: SynthesizedEnvironment | None, region: str) -> "Priced":
        """A side; one that lacks the environment costs nothing there."""
        if side is None:
            return cls(region=region)
        return cls(region=side.region, stacks=side.stacks, settings=side.settings)


def cost_difference(
    before: Priced,
    after: Priced,
    endpoints: Iterable[EndpointDifference],
    prices: Prices,
) -> CostDifference:
    """Both sides, and the endpoints that change between them."""
    return CostDifference(
        before=_month(before, prices),
        after=_month(after, prices),
        once=tuple(
            line
            for each in endpoints
            if each.after is not None and each.change.extra_instances
            for line in rollout_lines(
                each.after, STARTUP_SECONDS + each.change.least_seconds, after.region, prices
            )
        ),
    )


def _month(side: Priced, prices: Prices) -> Estimate:
    """As `darkroom cost` has it, without an endpoint where there is no release."""
    usage = Usage()
    found = estimate([stack.template for stack in side.stacks], side.region, usage, prices)
    training = _training(side.settings)
    if training is None:
        return found
    hours = usage.training_hours_per_month
    return found.plus(*training_lines(training, hours, side.region, prices))


def _training(settings: Mapping[str, Any]) -> TrainingSettings | None:
    """What a side's training jobs run on; None where it has no such settings, or none known here.

    It may be of another revision, whose settings have other members: only what costs is read.
    """
    told = settings.get("training")
    if not isinstance(told, Mapping):
        return None
    known = {name: told[name] for name in _PRICED if name in told}
    try:
        return TrainingSettings(**known)
    except (ConfigurationError, TypeError):
        return None
