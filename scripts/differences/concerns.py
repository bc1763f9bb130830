"""What needs a second pair of eyes, and why: the reasons for exit code 3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scripts.deployment.templates import Effect
from scripts.differences.costs import Limit
from scripts.differences.difference import EnvironmentDifference
from scripts.differences.models import ACCURACY, ModelDifference
from scripts.differences.resources import ResourceDifference
from scripts.differences.words import Phrase, listed, phrase


class Why(StrEnum):
    """The kinds of reasons, in words; those that cannot be undone first."""

    STATEFUL = "stateful resource"
    ENDPOINT = "endpoint"
    STACK = "stack"
    BLOCKED = "blocked rollout"
    ERROR = "marked by synth"
    PERMISSIONS = "permissions"
    NETWORK = "network"
    OVERRIDE = "override"
    GATES = "gates"
    ACCURACY = "accuracy"
    COST = "cost"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, kw_only=True)
class Concern:
    """One reason."""

    environment: str
    why: Why
    text: Phrase

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"environment": self.environment, "why": self.why.value, "text": str(self.text)}


def concerns_of(environments: Sequence[EnvironmentDifference], limit: Limit) -> tuple[Concern, ...]:
    """Environment by environment, in the order of `Why`."""
    order = list(Why)
    return tuple(
        Concern(environment=each.name, why=why, text=text)
        for each in environments
        for why, text in sorted(_of(each, limit), key=lambda found: order.index(found[0]))
    )


_Found = Iterator[tuple[Why, Phrase]]


def _of(each: EnvironmentDifference, limit: Limit) -> _Found:
    yield from _resources(each)
    yield from _endpoints(each)
    yield from ((Why.ERROR, text) for text in each.marks)
    yield from ((Why.PERMISSIONS, text) for text in each.permissions.reasons)
    yield from ((Why.NETWORK, text) for text in each.network.reasons)
    yield from ((Why.GATES, text) for text in each.gates_lowered)
    yield from ((Why.NOT_COMPARED, text) for text in each.unreadable)
    for model in each.models:
        yield from _model(model)
    yield from _cost(each, limit)


def _resources(each: EnvironmentDifference) -> _Found:
    if each.removed:
        yield Why.STACK, phrase("the whole environment is removed")
    for stack in each.stacks:
        if stack.effect is Effect.REMOVED and not each.removed:
            yield Why.STACK, phrase("{} is removed", stack.id)
        if stack.not_compared:
            yield (
                Why.NOT_COMPARED,
                phrase(
                    "{} of {} differ: what they make of its resources is not compared here",
                    listed(stack.not_compared),
                    stack.id,
                ),
            )
        for resource in stack.resources:
            yield from ((Why.STATEFUL, text) for text in _stateful(resource))


def _stateful(resource: ResourceDifference) -> Iterator[Phrase]:
    if resource.lost is not None:
        verb = "" if resource.change.effect is Effect.CHANGED else "is "
        yield phrase(
            "{} ({}) {}; {}",
            resource.path,
            resource.change.type,
            phrase(f"{verb}{resource.effect}"),
            phrase(resource.lost),
        )
    for policy in resource.unguarded:
        yield phrase("{} is no longer kept by its {}", resource.path, policy)


def _endpoints(each: EnvironmentDifference) -> _Found:
    for endpoint in each.endpoints:
        change = endpoint.change
        if change.effect is Effect.REMOVED or (endpoint.after is None and endpoint.before):
            yield Why.ENDPOINT, phrase("{} is removed and stops answering", change.name)
        elif change.effect is Effect.REPLACED:
            yield Why.ENDPOINT, phrase("{} is made anew: callers have to follow", change.name)
        yield from ((Why.BLOCKED, phrase("{}", text)) for text in change.obstacles)


def _model(model: ModelDifference) -> _Found:
    override = model.override
    if override is not None:
        yield (
            Why.OVERRIDE,
            phrase(
                "the {} passed over {} because {} says: {}",
                phrase(model.role),
                ", ".join(override.gates),
                override.by,
                override.reason,
            ),
        )
    if model.accuracy_lost is not None and model.before and model.after:
        was, is_ = (each.metrics[ACCURACY] for each in (model.before, model.after))
        yield (
            Why.ACCURACY,
            phrase(
                "the {}'s validation accuracy falls from {} to {}",
                phrase(model.role),
                f"{was:.6g}",
                f"{is_:.6g}",
            ),
        )


def _cost(each: EnvironmentDifference, limit: Limit) -> _Found:
    if each.cost is None or not each.cost.beyond(limit):
        return
    before, after = each.cost.before.known_usd, each.cost.after.known_usd
    yield (
        Why.COST,
        phrase(
            "a month was {} and would be {}, more than {} dearer",
            phrase(before.dollars()),
            phrase(after.dollars()),
            phrase(str(limit)),
        ),
    )
