"""Two synths, compared: everything that a reviewer is told, environment by environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.differences.costs import CostDifference, Priced, cost_difference
from scripts.differences.endpoints import EndpointDifference, endpoint_differences
from scripts.differences.home import Home
from scripts.differences.models import ModelDifference, model_differences
from scripts.differences.network import network_widening
from scripts.differences.policies import permissions_of
from scripts.differences.resources import StackDifference, stack_differences
from scripts.differences.settings import (
    Setting,
    gates_lowered,
    network_settings,
    setting_differences,
)
from scripts.differences.synths import Synth, SynthesizedEnvironment
from scripts.differences.widening import Widening, widening
from scripts.differences.words import Phrase, listed, phrase
from scripts.pricing import Prices


@dataclass(frozen=True, kw_only=True)
class EnvironmentDifference:
    """One environment that either side has."""

    name: str
    stacks: tuple[StackDifference, ...]
    permissions: Widening
    network: Widening
    endpoints: tuple[EndpointDifference, ...]
    models: tuple[ModelDifference, ...]
    settings: tuple[Setting, ...]
    gates_lowered: tuple[Phrase, ...]
    cost: CostDifference | None
    """None where no bill comes: the environment's settings name another endpoint than AWS's."""

    errors: tuple[tuple[str, str], ...]
    """What head's synth marked on a stack so that nobody deploys it: the stack, and the reason."""

    unreadable: tuple[Phrase, ...] = ()
    """Which side's release file this CLI cannot read, and why."""

    added: bool = False
    removed: bool = False

    @property
    def marks(self) -> tuple[Phrase, ...]:
        """The errors with the stacks that have them, each error once."""
        return tuple(
            phrase("{}: {}", listed(stack for stack, other in self.errors if other == text), text)
            for text in dict.fromkeys(text for _, text in self.errors)
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (
            any(stack.changes_anything for stack in self.stacks)
            or self.models
            or self.settings
            or self.errors
            or self.unreadable
            or self.network
            or self.added
            or self.removed
        )

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "name": self.name,
            "added": self.added,
            "removed": self.removed,
            "stacks": [each.to_value() for each in self.stacks],
            "permissions": self.permissions.to_value(),
            "network": self.network.to_value(),
            "endpoints": [each.to_value() for each in self.endpoints],
            "models": [each.to_value() for each in self.models],
            "settings": [each.to_value() for each in self.settings],
            "gates_lowered": [str(each) for each in self.gates_lowered],
            "monthly_cost": self.cost.to_value() if self.cost else None,
            "errors": [{"stack": stack, "error": text} for stack, text in self.errors],
            "unreadable": [str(each) for each in self.unreadable],
        }


def environment_differences(
    before: Synth, after: Synth, prices: Prices
) -> tuple[EnvironmentDifference, ...]:
    """Head's environments in their order, then those that only base has."""
    names = (
        *after.environments,
        *(each for each in before.environments if each not in after.environments),
    )
    return tuple(
        _environment(name, before.environments.get(name), after.environments.get(name), prices)
        for name in names
    )


def _environment(
    name: str,
    before: SynthesizedEnvironment | None,
    after: SynthesizedEnvironment | None,
    prices: Prices,
) -> EnvironmentDifference:
    old, new = (before.stacks if before else ()), (after.stacks if after else ())
    settings = (before.settings if before else {}), (after.settings if after else {})
    endpoints = endpoint_differences(old, new)
    return EnvironmentDifference(
        name=name,
        stacks=stack_differences(old, new),
        permissions=widening(
            permissions_of(old, Home.of(settings[0], settings[1])),
            permissions_of(new, Home.of(settings[1], settings[0])),
        ),
        network=network_settings(*settings) + network_widening(old, new),
        endpoints=endpoints,
        models=model_differences(
            before.release if before else None, after.release if after else None
        ),
        settings=setting_differences(*settings) if before and after else (),
        gates_lowered=gates_lowered(*settings) if before and after else (),
        cost=_cost(before, after, endpoints, prices),
        errors=tuple((stack.id, text) for stack in new for text in stack.errors),
        unreadable=_unreadable(before, after),
        added=before is None,
        removed=after is None,
    )


def _cost(
    before: SynthesizedEnvironment | None,
    after: SynthesizedEnvironment | None,
    endpoints: Sequence[EndpointDifference],
    prices: Prices,
) -> CostDifference | None:
    there = after or before
    if there is None or _elsewhere(there.settings):
        return None
    return cost_difference(
        Priced.of(before, there.region),
        Priced.of(after, there.region),
        endpoints,
        prices,
    )


def _elsewhere(settings: Mapping[str, Any]) -> bool:
    return settings.get("endpoint_url") is not None


def _unreadable(
    before: SynthesizedEnvironment | None, after: SynthesizedEnvironment | None
) -> tuple[Phrase, ...]:
    return tuple(
        phrase("the release of {}: {}", side, found.unreadable)
        for side, found in (("base", before), ("head", after))
        if found is not None and found.unreadable is not None
    )
