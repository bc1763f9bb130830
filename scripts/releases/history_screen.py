"""The history of an environment's releases, on one screen of 80 columns or more."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from config.release import Release, ReleasedModel
from config.roles import CHAMPION, in_order
from dataset.rules import printable
from scripts.releases.history import Entry, History
from scripts.releases.job_name import short_job_name
from scripts.serving.shares import percent, shares

_HEADER = ("role", "training job", "accuracy", "change", "traffic", "dataset")
_RIGHT = {"accuracy", "change", "traffic"}
_ID_LENGTH = 8
"""Of a dataset's id, as much as a training job's name has of it; --json has all."""

_AUTHOR_LENGTH = 32
"""A longer name must not push the commit off a narrow screen; --json has all of it."""


def history_screen(history: History, app: str, limit: int) -> RenderableType:
    """The newest `limit` releases; names of training jobs without the app's that all begin with."""
    shown = history.entries[:limit]
    rows = [_rows(entry, app) for entry in shown]
    lines = [_HEADER, *(row for block in rows for row in block)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    parts: list[RenderableType] = [_title(history)]
    if any(rows):
        parts.append(Padding(Text(_line(_HEADER, widths), "dim"), (0, 0, 0, 2)))
    for entry, block in zip(shown, rows, strict=True):
        parts += ["", _head(entry), *_body(entry, block, widths)]
    return Group(*parts)


def _title(history: History) -> Text:
    count = sum(entry.version.release is not None for entry in history.entries)
    said = f"{count} {'release' if count == 1 else 'releases'}" if count else "no release"
    return Text.assemble((history.environment, "bold"), f"  {history.file}, {said}")


def _head(entry: Entry) -> Table:
    """When, by which commit, by whom; how it came gives way first where the screen is narrow."""
    grid = Table.grid(padding=(0, 2))
    for most in (None, None, _AUTHOR_LENGTH):
        grid.add_column(no_wrap=True, max_width=most)
    grid.add_column()
    commit = entry.version.commit
    words = Text(entry.origin.words, "cyan") if entry.origin else _no_release(entry)
    if commit is None:
        grid.add_row(Text("not committed", "yellow"), "", "", words)
    else:
        when = commit.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        grid.add_row(Text(when, "bold"), Text(commit.short), Text(printable(commit.author)), words)
    return grid


def _no_release(entry: Entry) -> Text:
    if entry.version.problem is None:
        return Text("no release: the file was deleted", "yellow")
    return Text(f"not readable: {printable(entry.version.problem)}", "red")


def _body(
    entry: Entry, rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> Iterator[RenderableType]:
    for row in rows:
        yield Padding(Text(_line(row, widths)), (0, 0, 0, 2))
    release = entry.version.release
    for text in _overrides(release) if release else ():
        yield Padding(Text(text, "yellow"), (0, 0, 0, 2))


def _overrides(release: Release) -> Iterator[str]:
    for role in in_order(release.models):
        override = release.models[role].override
        if override is not None:
            # Of the ARN, who it is: the account is the environment's.
            who = printable(override.by.split(":", 5)[-1])
            gates = ", ".join(map(printable, override.gates))
            yield f"{role}: {gates} overridden by {who}: {printable(override.reason)}"


def _rows(entry: Entry, app: str) -> list[tuple[str, ...]]:
    release = entry.version.release
    if release is None:
        return []
    share = shares(release.weights)
    return [
        (
            role,
            short_job_name(release.models[role], app),
            f"{_accuracy(release.models[role]):.4f}",
            _change(entry) if role == CHAMPION else "",
            percent(share[role]) if role in share else "copy",
            release.models[role].dataset_id[:_ID_LENGTH],
        )
        for role in in_order(release.models)
    ]


def _accuracy(model: ReleasedModel) -> float:
    return model.metrics["validation_accuracy"]


def _change(entry: Entry) -> str:
    change = entry.accuracy_change
    if change is None:
        return ""
    return "=" if round(change, 4) == 0 else f"{change:+.4f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = (
        cell.rjust(width) if name in _RIGHT else cell.ljust(width)
        for name, cell, width in zip(_HEADER, cells, widths, strict=True)
    )
    return "  ".join(aligned).rstrip()
