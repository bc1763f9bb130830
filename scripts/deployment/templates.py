"""What CloudFormation will do when one template follows another; pure, from the two alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from scripts.deployment.replacement import Rules, of_our_stacks

Template = Mapping[str, Any]

ENDPOINT: Final = "AWS::SageMaker::Endpoint"
_SUBSTITUTED: Final = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")


class Effect(StrEnum):
    """What a deployment does to a thing, in the words that an operator is shown."""

    NOTHING = "nothing"
    CREATED = "created"
    IN_PLACE = "in place"
    """Changed without being made anew; it goes on working meanwhile."""

    REPLACED = "replaced"
    """Made anew beside the old one, which is deleted afterwards."""

    NEW_FLEET = "new fleet"
    """The endpoint keeps its name and answers throughout; what answers is started anew."""

    REMOVED = "removed"
    CHANGED = "changed"
    """A resource of which the templates do not tell: in place or replaced, as CloudFormation
    decides. A stack: something of it is removed."""

    BLOCKED = "blocked"
    """Cannot be done as asked, and so nothing is."""


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """One resource that is not the same in both templates."""

    logical_id: str
    type: str
    path: str
    """As the app names it within its stack, `Realtime/Endpoint`; else the logical id."""

    effect: Effect
    properties: tuple[str, ...] = ()
    """What differs, of a resource that both templates have."""

    def to_value(self) -> dict[str, Any]:
        return {**vars(self), "effect": self.effect.value, "properties": list(self.properties)}


def changes(
    before: Template | None, after: Template | None, rules: Rules = of_our_stacks
) -> list[ResourceChange]:
    """The resources that differ, in the new template's order, the removed ones last."""
    old, new = _resources(before), _resources(after)
    found = _differing(old, new, rules)
    created = [_change(key, new[key], Effect.CREATED) for key in new if key not in old]
    removed = [_change(key, old[key], Effect.REMOVED) for key in old if key not in new]
    kept = [
        _change(key, new[key], _effect(new[key]["Type"], found[key], rules), sorted(found[key]))
        for key in new
        if key in found
    ]
    order = {key: place for place, key in enumerate(new)}
    return [*sorted([*created, *kept], key=lambda each: order[each.logical_id]), *removed]


def rest_differs(before: Template | None, after: Template | None) -> bool:
    """Whether more than resources differs, such as an output: CloudFormation updates that too."""
    return _without_metadata(before) != _without_metadata(after)


def sections_that_differ(before: Template | None, after: Template | None) -> tuple[str, ...]:
    """The parts of the templates that differ, their resources aside: `Outputs`, `Conditions`."""
    old, new = before or {}, after or {}
    names = dict.fromkeys((*new, *old))
    return tuple(
        name
        for name in names
        if name not in ("Resources", "Metadata") and old.get(name) != new.get(name)
    )


def _resources(template: Template | None) -> dict[str, Mapping[str, Any]]:
    return {
        key: body
        for key, body in ((template or {}).get("Resources") or {}).items()
        if body["Type"] != "AWS::CDK::Metadata"
    }


def _without_metadata(template: Template | None) -> dict[str, Any]:
    resources = {
        key: {name: value for name, value in body.items() if name != "Metadata"}
        for key, body in _resources(template).items()
    }
    return {**(template or {}), "Resources": resources}


def _differing(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]], rules: Rules
) -> dict[str, set[str]]:
    """The properties that differ, by logical id.

    A resource that is replaced gets another name and ARN, so who refers to it differs as well,
    and may be replaced for that: what is found grows until nothing is added.
    """
    found: dict[str, set[str]] = {}
    for key in new.keys() & old.keys():
        if names := _different_properties(old[key], new[key]):
            found[key] = names
    while True:
        replaced = {
            key
            for key, names in found.items()
            if _effect(new[key]["Type"], names, rules) is Effect.REPLACED
        }
        added = False
        for key in new.keys() & old.keys():
            touched = {
                name
                for name, value in (new[key].get("Properties") or {}).items()
                if replaced & set(references(value))
            }
            if touched - found.get(key, set()):
                found[key] = found.get(key, set()) | touched
                added = True
        if not added:
            return found


def _different_properties(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    before, after = old.get("Properties") or {}, new.get("Properties") or {}
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    # What happens to the resource at its end; whether there is one at all; and a type that changed
    # is another resource.
    kept = ("DeletionPolicy", "UpdateReplacePolicy", "Condition", "Type")
    return names | {name for name in kept if old.get(name) != new.get(name)}


def _effect(type_: str, properties: set[str], rules: Rules) -> Effect:
    if type_ == ENDPOINT and "EndpointConfigName" in properties:
        return Effect.REPLACED if "EndpointName" in properties else Effect.NEW_FLEET
    if "Type" in properties:
        return Effect.REPLACED
    if "Condition" in properties:
        return Effect.CHANGED
    replacing = rules(type_)
    if replacing is None:
        return Effect.CHANGED
    if properties & replacing.always:
        return Effect.REPLACED
    return Effect.CHANGED if properties & replacing.perhaps else Effect.IN_PLACE


def _change(
    key: str, body: Mapping[str, Any], effect: Effect, properties: Sequence[str] = ()
) -> ResourceChange:
    return ResourceChange(
        logical_id=key,
        type=body["Type"],
        path=path_of(key, body),
        effect=effect,
        properties=tuple(properties),
    )


def path_of(logical_id: str, body: Mapping[str, Any]) -> str:
    """`dev/Serving/Realtime/Endpoint` is `Realtime/Endpoint` within its stack."""
    path: str = (body.get("Metadata") or {}).get("aws:cdk:path", "")
    parts = path.removesuffix("/Resource").split("/")[2:]
    return "/".join(parts) or logical_id


def references(value: object) -> Iterator[str]:
    """The logical ids that a property's value refers to: Ref, Fn::GetAtt, Fn::Sub."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if name == "Ref" and isinstance(inner, str):
            yield inner
        elif name == "Fn::GetAtt":
            yield inner.split(".")[0] if isinstance(inner, str) else str(inner[0])
        elif name == "Fn::Sub":
            text = inner if isinstance(inner, str) else inner[0]
            yield from _SUBSTITUTED.findall(text)
            if isinstance(inner, list):
                yield from references(inner[1:])
        else:
            yield from references(inner)
