"""The settings of both sides, value by value: some of them no template shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from scripts.differences.widening import Widening
from scripts.differences.words import Phrase, phrase

_KIND: Final = ""
"""Under this name a setting's class stands among its members (isolated.py)."""


class _Absent(Enum):
    """What a revision that does not have a setting has in its place."""

    ABSENT = "-"


_ABSENT: Final = _Absent.ABSENT


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One value of `config/environments.py` that is not the same on both sides."""

    name: str
    before: str
    after: str

    def to_value(self) -> dict[str, str]:
        """As JSON has it."""
        return dict(vars(self))


def setting_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Setting, ...]:
    """What differs, each setting by its place: `gates.champion_margin`.

    `-` stands for a setting that the revision does not have, `none` for one that is not set.
    """
    return tuple(_differing("", before, after))


def _differing(name: str, old: object, new: object) -> Iterator[Setting]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.get(_KIND) == new.get(_KIND):
        # In the order in which the settings have them.
        for member in (*new, *(each for each in old if each not in new)):
            inner = f"{name}.{member}" if name else member
            yield from _differing(inner, old.get(member, _ABSENT), new.get(member, _ABSENT))
        return
    sides = [each for each in (old, new) if isinstance(each, Mapping)]
    if len(sides) == 1 and _set_members(sides[0]):
        # It comes or goes as a whole: its members say more than its class.
        there, gone = sides[0], new if old is sides[0] else old
        for member, value in _set_members(there).items():
            was, is_ = (value, gone) if there is old else (gone, value)
            yield from _differing(f"{name}.{member}", was, is_)
        return
    yield Setting(name=name, before=_shown(old), after=_shown(new))


def _set_members(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: each for name, each in value.items() if name != _KIND and each not in (None, [], {})
    }


def _shown(value: object) -> str:
    """A value in words: no one has to know how Python writes it."""
    if isinstance(value, _Absent):
        return value.value
    if isinstance(value, Mapping):
        members = [f"{name} {_shown(each)}" for name, each in _set_members(value).items()]
        kind = value.get(_KIND)
        return ", ".join([*([str(kind)] if kind else []), *(members or ["nothing set"])])
    if isinstance(value, list):
        return ", ".join(_shown(each) for each in value) or "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def gates_lowered(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Phrase, ...]:
    """How a change lets models through that the base would have refused."""
    old, new = before.get("gates"), after.get("gates")
    if not isinstance(old, Mapping):
        return ()
    return tuple(_lowered(old, new if isinstance(new, Mapping) else {}))


def _lowered(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Phrase]:
    least, now = old.get("minimum_validation_accuracy") or 0, new.get("minimum_validation_accuracy")
    if (now or 0) < least:
        yield phrase("the least validation accuracy falls from {} to {}", least, now or 0)
    margin, wider = old.get("champion_margin"), new.get("champion_margin")
    if margin is not None and (wider is None or wider > margin):
        yield phrase(
            "a model may be worse than the champion by {} instead of {}",
            "any margin" if wider is None else wider,
            margin,
        )
    where, elsewhere = old.get("served_in"), new.get("served_in")
    if where is not None and where != elsewhere:
        yield phrase(
            "a model need no longer have been served in {}{}",
            where,
            phrase(", but in {}", elsewhere) if elsewhere else Phrase(),
        )


def network_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Widening:
    """What the settings open to jobs and model servers, whose templates may not exist yet."""
    wider, narrower = [], []
    if before.get("vpc") is not None and after and after.get("vpc") is None:
        wider.append(phrase("settings.vpc is off: jobs and model servers leave the VPC"))
    if before and before.get("vpc") is None and after.get("vpc") is not None:
        narrower.append(phrase("settings.vpc is on: jobs and model servers run in the VPC"))
    was, is_ = before.get("network_isolation"), after.get("network_isolation")
    if was and after and not is_:
        wider.append(phrase("settings.network_isolation is off: model servers may make calls"))
    if before and not was and is_:
        narrower.append(phrase("settings.network_isolation is on: model servers make no calls"))
    return Widening(wider=tuple(wider), narrower=tuple(narrower))
