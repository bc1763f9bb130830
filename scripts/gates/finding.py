"""What a gate found: the value it looked at, beside the limit."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Outcome(StrEnum):
    """What a gate has decided."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_CHECKED = "not checked"
    """It cannot be told here; the value says who tells it. Refuses nobody."""

    @classmethod
    def of(cls, holds: bool) -> Self:
        """Passed when the rule holds, else refused."""
        return cls.PASSED if holds else cls.REFUSED


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One gate's decision about one candidate, as it is shown."""

    gate: str
    """Its name: one word, also in the override of a release file."""

    what: str
    """What was looked at, in words that `: <value>` may follow."""

    value: str
    limit: str
    outcome: Outcome
    remedy: str = ""
    """What to do about a refusal."""

    may_be_overridden: bool = False
    """Whether a person may let the candidate pass with a recorded reason: where the gate asks for
    quality, never where it asks whether the artifact is the one that was judged."""

    @property
    def refused(self) -> bool:
        return self.outcome is Outcome.REFUSED

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**vars(self), "outcome": self.outcome.value}
