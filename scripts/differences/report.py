"""A difference, from the choice of the revisions to the reasons to look twice."""

import filecmp
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scripts.differences.concerns import Concern, Why, concerns_of
from scripts.differences.costs import Limit
from scripts.differences.difference import EnvironmentDifference, environment_differences
from scripts.differences.sides import Side, is_aside, trees
from scripts.differences.synths import Synth, synthesize_both
from scripts.differences.words import Phrase, phrase
from scripts.errors import Refused
from scripts.pricing import Prices, read_prices

_LIBRARIES: Final = ("requirements.txt", "constraints.txt", "package-lock.json")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a change would do. The same two trees make the same report, byte by byte."""

    base: Side
    head: Side
    environments: tuple[EnvironmentDifference, ...]
    concerns: tuple[Concern, ...] = ()
    notes: tuple[Phrase, ...] = ()

    @property
    def changed(self) -> tuple[EnvironmentDifference, ...]:
        return tuple(each for each in self.environments if not each.is_empty)

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "base": self.base.to_value(),
            "head": self.head.to_value(),
            "notes": [str(note) for note in self.notes],
            "needs_a_second_look": [each.to_value() for each in self.concerns],
            "environments": [each.to_value() for each in self.environments],
        }


def compare(base: Side, head: Side, limit: Limit) -> Report:
    """Synthesize both sides and compare them.

    A base that does not synthesize is said, and everything is shown as of head. Raises Refused for
    a head that does not.
    """
    with trees(base, head) as (before, after):
        first, second = synthesize_both(before, after)
        libraries = _other_libraries(before, after)
    if second.problem is not None:
        raise Refused(f"{head.name} does not synthesize: {second.problem}")
    aside = is_aside(base, head)
    return report(base, head, (first, second), limit, read_prices(), libraries, aside=aside)


def report(
    base: Side,
    head: Side,
    synths: tuple[Synth, Synth],
    limit: Limit,
    prices: Prices,
    libraries: tuple[str, ...] = (),
    *,
    aside: bool = False,
) -> Report:
    """The report of two synths.

    `libraries` are the files that pin others on either side; `aside` is a base that head did not
    grow from.
    """
    before, after = synths
    environments = environment_differences(before, after, prices)
    compared_aside = aside and before.problem is None  # Nothing else is shown of a broken one.
    broken = []
    if before.problem is not None:
        text = phrase("the base does not synthesize, so all is shown as new: {}", before.problem)
        broken = [Concern(environment="", why=Why.NOT_COMPARED, text=text)]
    return Report(
        base=base,
        head=head,
        environments=environments,
        concerns=(*broken, *concerns_of(environments, limit)),
        notes=(*_notes(before, libraries), *([_aside(base, head)] if compared_aside else [])),
    )


def _aside(base: Side, head: Side) -> Phrase:
    return phrase(
        "{} has commits that {} was not made from: they are shown as if they were taken back. "
        "Without --base it is compared with where it left main.",
        base.name,
        phrase(head.name) if head.commit is None else head.name,
    )


def _notes(before: Synth, libraries: tuple[str, ...]) -> Iterator[Phrase]:
    if before.problem is not None:
        yield phrase("The base does not synthesize: {}. All is shown as new.", before.problem)
    if libraries:
        yield phrase(
            "Both sides were synthesized with the libraries installed here, although {} differs.",
            ", ".join(libraries),
        )


def _other_libraries(before: Path, after: Path) -> tuple[str, ...]:
    return tuple(name for name in _LIBRARIES if not _same(before / name, after / name))


def _same(one: Path, other: Path) -> bool:
    if not (one.is_file() and other.is_file()):
        return one.is_file() == other.is_file()
    return filecmp.cmp(one, other, shallow=False)
