"""`darkroom diff`: what a change of the repository would do to every environment."""

import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import FrameType
from typing import Any, Final

import click

from scripts import console, options
from scripts.differences.costs import Limit
from scripts.differences.report import Report, compare
from scripts.differences.sides import sides

NEEDS_A_LOOK: Final = 3
"""The exit code when somebody else should look at it, too."""

_FORMATS: Final = ("text", "markdown", "json")


def diff(base: str | None = None, head: str | None = None, limit: Limit | None = None) -> Report:
    """Synthesize both revisions, without credentials or network, and compare every environment.

    `head` None is the working tree; `base` None is where it left the main branch, or the commit
    before. Raises Refused for what is no revision here, and for a head that does not synthesize.
    """
    before, after = sides(base, head)
    chosen = f" ({before.chosen})" if before.chosen else ""
    console.say(f"comparing {after.name} with {before.name}{chosen}")
    return compare(before, after, limit or Limit())


@click.command(name="diff")
@click.option("--base", metavar="REV", help="What to compare with; else where head left main.")
@click.option("--head", metavar="REV", help="What is compared; else the working tree.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    default=None,
    help="text for a terminal (the default), markdown for a comment, json.",
)
@click.option(
    "--cost-percent",
    type=click.FloatRange(min=0),
    default=float(Limit().percent),
    show_default=True,
    help="A month may become so much dearer, or --cost-usd, before it needs a second look.",
)
@click.option(
    "--cost-usd",
    type=click.FloatRange(min=0),
    default=float(Limit().usd),
    show_default=True,
    help="The same in dollars; it needs a look when both are exceeded.",
)
@options.as_json
def command(
    base: str | None,
    head: str | None,
    format_: str | None,
    cost_percent: float,
    cost_usd: float,
    as_json: bool,
) -> int:
    """Show what a change would do to every environment.

    Compares the templates, permissions, rollouts, models and costs of two revisions; needs no
    credentials and no network. Exit code 3: something needs a second pair of eyes.
    """
    if as_json and format_ not in (None, "json"):
        raise click.UsageError(f"--json and --format {format_} are two formats; name one of them")
    limit = Limit(percent=Decimal(str(cost_percent)), usd=Decimal(str(cost_usd)))
    with _unwound_by_sigterm():
        report = diff(base, head, limit)
    _print(report, "json" if as_json else format_ or "text")
    return NEEDS_A_LOOK if report.concerns else 0


@contextmanager
def _unwound_by_sigterm() -> Iterator[None]:
    """A pipeline that is cancelled ends it so; the trees and both synths go then, too."""

    def end(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print(report: Report, format_: str) -> None:
    if format_ == "json":
        value: dict[str, Any] = report.to_value()
        console.result(value, as_json=True)
        return
    from scripts.differences.composition import document_of

    document = document_of(report)
    if format_ == "markdown":
        from scripts.differences.comment import comment

        click.echo(comment(document, shlex.join(_again(report))), nl=False)
        return
    from scripts.differences.screen import screen

    console.page(screen(document))
    console.next_step("darkroom deploy --plan --env ENV")


def _again(report: Report) -> list[str]:
    """The command that shows a reader all of it."""
    words = ["darkroom", "diff", "--base", report.base.name]
    return [*words, "--head", report.head.name] if report.head.commit else words
