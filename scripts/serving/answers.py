"""Predictions for many photos on stdout: a table for people, CSV or JSON Lines for programs."""

import csv
import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import IO, Protocol

from dataset.rules import printable
from scripts.serving.predictions import Outcome, Prediction, Unanswered

_NARROWEST_NAME = 16


class Answers(Protocol):
    """Where outcomes go, in the order of the files."""

    scrolls: bool
    """Whether rows appear on a terminal as they come: a progress bar would be in their way."""

    def add(self, outcome: Outcome) -> None: ...

    def end(self) -> None: ...


class JsonLines:
    """One JSON object a line: whole up to the last line, also when it is interrupted."""

    def __init__(self, stream: IO[str], top: int) -> None:
        self.scrolls = stream.isatty()
        self._stream = stream
        self._top = top

    def add(self, outcome: Outcome) -> None:
        line = json.dumps(outcome.to_json(self._top), ensure_ascii=False)
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Nothing is held back."""


class Csv:
    """RFC 4180 with a header: a file a row, its most likely classes side by side.

    A file's name stands there as it is, so that a program finds the file; quoting keeps it one
    cell. Only on a terminal, and where its bytes are no text, it is made printable.
    """

    def __init__(self, stream: IO[str], top: int) -> None:
        self.scrolls = stream.isatty()
        self._stream = stream
        self._top = top
        self._writer = csv.writer(stream, lineterminator="\n")
        ranks = [
            f"{what}_{rank}" for rank in range(1, top + 1) for what in ("class", "probability")
        ]
        self._write(
            ["file", *ranks, "variant", "model", "milliseconds", "inference_id", "resized", "error"]
        )

    def add(self, outcome: Outcome) -> None:
        nothing = [""] * (2 * self._top)
        if isinstance(outcome, Unanswered):
            self._write([self._name(outcome), *nothing, "", "", "", "", "", outcome.reason])
            return
        named = [
            cell
            for name, probability in outcome.classes[: self._top]
            for cell in (name, f"{probability:.6f}")
        ]
        self._write(
            [
                self._name(outcome),
                *(named + nothing)[: 2 * self._top],
                outcome.variant,
                outcome.model,
                f"{outcome.milliseconds:.1f}",
                outcome.inference_id,
                outcome.resized or "",
                "",
            ]
        )

    def end(self) -> None:
        """Nothing is held back."""

    def _write(self, cells: Sequence[str]) -> None:
        name, *others = cells
        self._writer.writerow([name, *(_harmless(cell) for cell in others)])
        self._stream.flush()

    def _name(self, outcome: Outcome) -> str:
        name = outcome.file
        return printable(name) if self.scrolls or not _is_text(name) else name


class Table:
    """Aligned columns, the most likely class only; why a file has no answer stands below it."""

    scrolls = False

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._outcomes: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        self._outcomes.append(replace(outcome, file=printable(outcome.file)))

    def end(self) -> None:
        columns = shutil.get_terminal_size().columns if self._stream.isatty() else None
        for line in table_lines(self._outcomes, columns):
            self._stream.write(f"{line}\n")
        self._stream.flush()


def table_lines(outcomes: Sequence[Outcome], columns: int | None) -> list[str]:
    """The table's lines; names are shortened and reasons wrapped to so many columns."""
    answered = [outcome for outcome in outcomes if isinstance(outcome, Prediction)]
    rows = [
        (each.classes[0][0], f"{each.classes[0][1]:.4f}", each.variant, f"{each.milliseconds:.0f}")
        for each in answered
    ]
    header = ("class", "probability", "variant", "ms")
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    name_width = max((len(outcome.file) for outcome in outcomes), default=4)
    if columns is not None:
        room = columns - sum(widths) - 2 * len(widths)
        name_width = min(name_width, max(room, _NARROWEST_NAME))
    name_width = max(name_width, len("file"))
    lines = [_line("file", header, widths, name_width)] if rows else []
    following = iter(rows)
    for outcome in outcomes:
        if isinstance(outcome, Prediction):
            lines.append(_line(outcome.file, next(following), widths, name_width))
        else:
            lines += _reason_lines(outcome, columns)
    return lines


def _line(name: str, cells: Sequence[str], widths: Sequence[int], name_width: int) -> str:
    class_name, probability, variant, milliseconds = cells
    return "  ".join(
        (
            _shortened(name, name_width).ljust(name_width),
            class_name.ljust(widths[0]),
            probability.rjust(widths[1]),
            variant.ljust(widths[2]),
            milliseconds.rjust(widths[3]),
        )
    )


def _reason_lines(outcome: Unanswered, columns: int | None) -> list[str]:
    if columns is None:
        return [f"{outcome.file}  no answer: {outcome.reason}"]
    indented = textwrap.wrap(
        f"no answer: {outcome.reason}",
        width=columns,
        initial_indent="  ",
        subsequent_indent="  ",
    )
    return [_shortened(outcome.file, columns), *indented]


def _shortened(name: str, width: int) -> str:
    """The end of a path tells files apart better than its beginning."""
    return name if len(name) <= width else f"…{name[-(width - 1) :]}"


def _is_text(name: str) -> bool:
    """Whether the name's bytes were UTF-8; Python keeps others as surrogates (PEP 383)."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _harmless(cell: str) -> str:
    """No cell that a spreadsheet would take for a formula: class names come from anybody."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def open_answers(*, as_json: bool, as_csv: bool, top: int) -> Answers:
    """What the operator asked for, on the standard output of now, not of a progress bar."""
    stream = sys.stdout
    if as_json:
        return JsonLines(stream, top)
    if as_csv:
        return Csv(stream, top)
    return Table(stream)
