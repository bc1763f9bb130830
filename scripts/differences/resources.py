"""Stack by stack: what is added, removed, changed, replaced, and what is lost by that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from scripts.deployment.assembly import SynthesizedStack
from scripts.deployment.templates import (
    Effect,
    ResourceChange,
    Template,
    changes,
    rest_differs,
    sections_that_differ,
)
from scripts.differences.reading import resource_path
from scripts.differences.replacement import replacing
from scripts.differences.stateful import lost_with, unguarded

_MAY_BE_REPLACED: Final = "may be replaced"
_STRONGEST_FIRST: Final = (
    Effect.REMOVED,
    Effect.NEW_FLEET,
    Effect.REPLACED,
    Effect.CHANGED,
    Effect.CREATED,
)
# Resources that join or leave a stack change it: itself it is neither added nor removed.
_OF_A_STACK: Final = {
    Effect.REMOVED: "loses resources",
    Effect.REPLACED: "replaces resources",
    Effect.CREATED: "gains resources",
}
_HARMLESS: Final = frozenset({"Outputs", "Tags", "Description"})
_SHOWN: Final = {Effect.CHANGED: _MAY_BE_REPLACED, Effect.CREATED: "added"}


@dataclass(frozen=True, kw_only=True)
class ResourceDifference:
    """One resource that is not the same on both sides."""

    path: str
    """`Data/Artifacts/Bucket`, within its environment."""

    change: ResourceChange
    lost: str | None = None
    """What becomes of the content of a stateful resource that goes, in words."""

    unguarded: tuple[str, ...] = ()
    """The policies that kept it alive until now."""

    moved: str | None = None
    """Of one that is added or removed: the path of its like that goes or comes instead."""

    @property
    def effect(self) -> str:
        """In one or two words."""
        return _SHOWN.get(self.change.effect, self.change.effect.value)

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "path": self.path,
            "logical_id": self.change.logical_id,
            "type": self.change.type,
            "effect": self.effect,
            "properties": list(self.change.properties),
            "lost": self.lost,
            "unguarded": list(self.unguarded),
            "moved": self.moved,
        }


@dataclass(frozen=True, kw_only=True)
class StackDifference:
    """One stack that either side has."""

    id: str
    effect: Effect
    resources: tuple[ResourceDifference, ...] = ()
    rest: tuple[str, ...] = ()
    """What differs besides, of a stack that both sides have: `Outputs`, `Tags`, `Conditions`."""

    @property
    def not_compared(self) -> tuple[str, ...]:
        """Of the rest what can change resources without a word in them, such as a condition."""
        return tuple(name for name in self.rest if name not in _HARMLESS)

    @property
    def changes_anything(self) -> bool:
        return self.effect is not Effect.NOTHING

    @property
    def outcome(self) -> str:
        """In a word or two: what becomes of the stack, or the most that becomes of a part of it."""
        if self.effect is not Effect.IN_PLACE:
            return _SHOWN.get(self.effect, self.effect.value)
        effects = {each.change.effect for each in self.resources}
        for effect in _STRONGEST_FIRST:
            if effect in effects:
                return f"{_OF_A_STACK.get(effect, _SHOWN.get(effect, effect.value))}"
        return Effect.IN_PLACE.value

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "id": self.id,
            "effect": self.outcome,
            "resources": [each.to_value() for each in self.resources],
            "also": list(self.rest),
        }


def stack_differences(
    before: Sequence[SynthesizedStack], after: Sequence[SynthesizedStack]
) -> tuple[StackDifference, ...]:
    """The stacks of one environment, head's in their order, then those that only base has."""
    old, new = {each.id: each for each in before}, {each.id: each for each in after}
    found = [
        _stack(id_, old.get(id_), new.get(id_))
        for id_ in (*new, *(each for each in old if each not in new))
    ]
    return _with_moves(found, old, new)


def _stack(
    id_: str, before: SynthesizedStack | None, after: SynthesizedStack | None
) -> StackDifference:
    old = before.template if before else None
    new = after.template if after else None
    resources = tuple(
        _resource(id_, change, old, new) for change in changes(old, new, rules=replacing)
    )
    rest: tuple[str, ...] = ()
    if before is not None and after is not None:
        tags = ("Tags",) if before.tags != after.tags else ()
        rest = (*sections_that_differ(old, new), *tags)
    return StackDifference(
        id=id_, effect=_effect(before, after, resources), resources=resources, rest=rest
    )


def _effect(
    before: SynthesizedStack | None,
    after: SynthesizedStack | None,
    resources: Sequence[ResourceDifference],
) -> Effect:
    if before is None or after is None:
        return Effect.CREATED if before is None else Effect.REMOVED
    same = before.tags == after.tags and not rest_differs(before.template, after.template)
    return Effect.NOTHING if same and not resources else Effect.IN_PLACE


def _resource(
    stack: str, change: ResourceChange, old: Template | None, new: Template | None
) -> ResourceDifference:
    before, after = _body(old, change.logical_id), _body(new, change.logical_id)
    lost = None
    if change.effect is Effect.REMOVED:
        lost = lost_with(change.type, before.get("DeletionPolicy"))
    elif change.effect in (Effect.REPLACED, Effect.CHANGED):
        lost = lost_with(before.get("Type", change.type), after.get("UpdateReplacePolicy"))
    return ResourceDifference(
        path=resource_path(stack, change.logical_id, after or before),
        change=change,
        lost=lost,
        unguarded=unguarded(change.type, before, after) if before and after else (),
    )


def _body(template: Template | None, logical_id: str) -> Mapping[str, Any]:
    body: Mapping[str, Any] = ((template or {}).get("Resources") or {}).get(logical_id) or {}
    return body


def _with_moves(
    found: Sequence[StackDifference],
    old: Mapping[str, SynthesizedStack],
    new: Mapping[str, SynthesizedStack],
) -> tuple[StackDifference, ...]:
    """Say of a resource that goes where one of its type and content comes instead.

    For CloudFormation these are two resources: the one is made anew, the other deleted.
    """
    going = list(_keyed(found, old, Effect.REMOVED))
    pairs: dict[tuple[str, str], str] = {}
    for stack, come, content in _keyed(found, new, Effect.CREATED):
        like = next((each for each in going if each[2] == content), None)
        if like is not None:
            going.remove(like)
            pairs[stack, come.change.logical_id] = like[1].path
            pairs[like[0], like[1].change.logical_id] = come.path
    return tuple(
        replace(
            stack,
            resources=tuple(
                replace(each, moved=pairs.get((stack.id, each.change.logical_id)))
                for each in stack.resources
            ),
        )
        for stack in found
    )


def _keyed(
    found: Iterable[StackDifference], stacks: Mapping[str, SynthesizedStack], effect: Effect
) -> Iterable[tuple[str, ResourceDifference, tuple[str, object]]]:
    for stack in found:
        for each in stack.resources:
            if each.change.effect is effect:
                body = _body(stacks[stack.id].template, each.change.logical_id)
                yield stack.id, each, (each.change.type, body.get("Properties"))
