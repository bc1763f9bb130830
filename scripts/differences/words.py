"""Sentences that keep apart what we say and what the repository says.

A commit can be anybody's: what it names is shown as a name, never as markup, a mention or an
escape sequence of the terminal.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what moves the cursor, turns the text around or is not seen at all."""


@dataclass(frozen=True, order=True)
class Name:
    """Something that the repository named: a role, an action, a job, a value."""

    text: str


@dataclass(frozen=True)
class Phrase:
    """A sentence, or a part of one."""

    parts: tuple[str | Name, ...] = ()

    def __str__(self) -> str:
        return "".join(
            visible(each.text) if isinstance(each, Name) else each for each in self.parts
        )

    def __bool__(self) -> bool:
        return bool(self.parts)


def phrase(pattern: str, *values: Any) -> Phrase:
    """`phrase("{} may now {}", role, action)`: each `{}` is a name, or a phrase put in."""
    pieces = pattern.split("{}")
    assert len(pieces) == len(values) + 1, pattern  # noqa: S101 - a slip of ours, not of a user's
    parts: list[str | Name] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += value.parts if isinstance(value, Phrase) else [Name(str(value))]
        parts.append(piece)
    return Phrase(tuple(part for part in parts if part != ""))


def listed(values: Iterable[Any], last: str = ", ") -> Phrase:
    """Names or phrases behind each other: `a, b, c`, or with `last` between the last two."""
    found = list(values)
    between = [", "] * (len(found) - 2) + [last] if len(found) > 1 else []
    return phrase("".join(f"{{}}{gap}" for gap in [*between, ""][: len(found)]), *found)


def visible(text: str) -> str:
    """The text with whatever is not seen written out: `\\u202e` instead of its effect."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\\u{ord(sign):04x}" if unicodedata.category(sign) in _HIDDEN else sign for sign in text
    )
