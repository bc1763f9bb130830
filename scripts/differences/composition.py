"""The report as a document: reasons first, then a row and a chapter for each environment."""

from collections.abc import Iterator, Sequence
from typing import Final

from scripts.deployment.templates import Effect
from scripts.differences.chapters import chapter_of
from scripts.differences.concerns import Concern, Why
from scripts.differences.difference import EnvironmentDifference
from scripts.differences.document import Bullet, Document, Grid
from scripts.differences.models import ACCURACY, ModelDifference
from scripts.differences.report import Report
from scripts.differences.sides import Side
from scripts.differences.words import Phrase, listed, phrase

_HEADER: Final = ("Environment", "Stacks", "Endpoints", "Models", "A month", "To look at")
_NOTHING: Final = phrase("-")


def document_of(report: Report) -> Document:
    """What a reader is shown, whatever it is shown on."""
    shown = report.changed
    return Document(
        headline=phrase(
            "{}{} -> {}",
            _side(report.base),
            phrase(" ({})", report.base.chosen) if report.base.chosen else Phrase(),
            _side(report.head),
        ),
        notes=report.notes,
        reasons=tuple(_reasons(report.concerns)),
        summary=Grid(header=_HEADER, rows=tuple(_row(each, report) for each in shown)),
        chapters=tuple(chapter_of(each) for each in shown),
        unchanged=tuple(each.name for each in report.environments if each.is_empty),
        footer=tuple(_footer(report)),
    )


def _side(side: Side) -> Phrase:
    return phrase("{}", side.name) if side.commit else phrase(side.name)


def _reasons(concerns: Sequence[Concern]) -> Iterator[Bullet]:
    """What is the same in several environments is said once."""
    places: dict[tuple[Why, Phrase], list[str]] = {}
    for each in concerns:
        places.setdefault((each.why, each.text), []).append(each.environment)
    for (why, text), names in places.items():
        where = phrase("{}, ", listed(names)) if any(names) else Phrase()
        yield Bullet(text=phrase("{}{}: {}", where, phrase(why.value), text), flagged=True)


def _row(each: EnvironmentDifference, report: Report) -> tuple[Phrase, ...]:
    count = sum(concern.environment == each.name for concern in report.concerns)
    return (
        phrase("{}", each.name),
        _stacks(each),
        _endpoints(each),
        listed(map(_model, each.models)) if each.models else _NOTHING,
        _month(each),
        phrase(str(count)) if count else _NOTHING,
    )


def _stacks(each: EnvironmentDifference) -> Phrase:
    changed = [stack for stack in each.stacks if stack.changes_anything]
    if each.added or each.removed:
        return phrase("all new" if each.added else "all removed")
    if not changed:
        return _NOTHING
    return listed(
        phrase("{} {}", stack.id.partition("/")[2] or stack.id, phrase(stack.outcome))
        for stack in changed
    )


def _endpoints(each: EnvironmentDifference) -> Phrase:
    if not each.endpoints:
        return _NOTHING
    return listed(
        phrase(
            "{} {}",
            found.change.name,
            phrase((found.change.effect if found.after else Effect.REMOVED).value),
        )
        for found in each.endpoints
    )


def _model(model: ModelDifference) -> Phrase:
    before = f"{model.before.metrics[ACCURACY]:.4g}" if model.before else "-"
    after = f"{model.after.metrics[ACCURACY]:.4g}" if model.after else "-"
    if before == after:
        return phrase(model.role)
    return phrase(f"{model.role} {before} -> {after}")


def _month(each: EnvironmentDifference) -> Phrase:
    if each.cost is None:
        return _NOTHING
    before, after = each.cost.before.known_usd.dollars(), each.cost.after.known_usd.dollars()
    more = " and what is unknown" if each.cost.unknown else ""
    return phrase(f"{before}{more}" if before == after else f"{before} -> {after}{more}")


def _footer(report: Report) -> list[Phrase]:
    base = _side(report.base)
    found = [
        phrase(
            "Compared with {}, not with what runs: {} compares with that.",
            base,
            "darkroom deploy --plan",
        )
    ]
    if any(each.cost for each in report.changed):
        found.append(
            phrase(
                "Cost is an estimate with the assumptions and list prices of {}; without a release "
                "there is no endpoint, and none is priced here.",
                "darkroom cost",
            )
        )
    return found
