"""Where words go: progress and advice to stderr, results to stdout."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_STDERR = Console(stderr=True, highlight=False, emoji=False)
_PLAIN_WIDTH: Final = 160
"""Of a screen that goes to a file or a pipe: no line of ours is broken there."""


def say(text: str) -> None:
    """One line of progress or advice, on stderr, above a bar that may be moving there."""
    _STDERR.print(text, markup=False, highlight=False, soft_wrap=True)


def event(text: str) -> None:
    """A step of something under way, on stderr; on a terminal, one that is long wraps at words."""
    _STDERR.print(text, markup=False, highlight=False, soft_wrap=not _STDERR.is_terminal)


def next_step(command: str) -> None:
    """The verb to type next, on stderr."""
    _STDERR.print(f"\nnext: [bold]{escape(command)}[/bold]", soft_wrap=True)


def result(rows: Mapping[str, Any], *, as_json: bool) -> None:
    """The verb's answer, on stdout: aligned `name  value` lines, or one JSON object."""
    if as_json:
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    width = max((len(name) for name in rows), default=0)
    for name, value in rows.items():
        shown = ("no", "yes")[value] if isinstance(value, bool) else value
        click.echo(f"{name.replace('_', ' ').ljust(width)}  {shown}")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A small right-aligned table on stdout; the first column is aligned left."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    for row in (header, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        click.echo("  ".join(cells).rstrip())


def count_progress(*, hidden: bool = False) -> Progress:
    """A bar that counts things, on stderr; silent when `hidden` or when stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_STDERR,
        disable=hidden or not _STDERR.is_terminal,
        transient=True,
    )


def byte_progress() -> Progress:
    """A bar that counts bytes, with their rate, on stderr; silent when it is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=_STDERR,
        disable=not _STDERR.is_terminal,
        transient=True,
    )


def epoch_progress() -> Progress:
    """A bar over the epochs of a job, with what it does now; silent when stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("epochs"),
        TimeElapsedColumn(),
        console=_STDERR,
        disable=not _STDERR.is_terminal,
        transient=True,
    )


def on_terminal() -> bool:
    """Whether somebody watches stderr."""
    return _STDERR.is_terminal


def terminal_columns() -> int | None:
    """How wide the terminal on stderr is; None when it is no terminal."""
    return _STDERR.width if _STDERR.is_terminal else None


def board() -> Live:
    """What is redrawn in place on stderr, below the lines that are said; only for a terminal."""
    return Live(console=_STDERR, transient=True, refresh_per_second=8)


def show(renderable: RenderableType) -> None:
    """A table or the like on stderr, as wide as the terminal; plain text elsewhere."""
    _print(_STDERR, renderable)


def page(renderable: RenderableType) -> None:
    """A screen on stdout: in colour on a terminal, plain text elsewhere."""
    _print(Console(highlight=False, emoji=False), renderable)


def _print(console: Console, renderable: RenderableType) -> None:
    if console.is_terminal:
        console.print(renderable)
        return
    # A table pads its lines to the right edge, which a file or a log has not.
    plain = Console(highlight=False, emoji=False, width=_PLAIN_WIDTH, color_system=None)
    with plain.capture() as captured:
        plain.print(renderable)
    for line in captured.get().splitlines():
        console.print(line.rstrip(), markup=False, soft_wrap=True)
