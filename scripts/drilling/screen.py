"""A drill on the terminal: what is planned, what happens, and what it proves.

Lines go to stderr as they happen; on a terminal the traffic of the last minute moves below them.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from scripts import console
from scripts.drilling.clock import clock, elapsed
from scripts.drilling.load import Answer, Load, Tally, tally
from scripts.drilling.timeline import Event, Tone, strip
from scripts.drilling.verdict import Proof

_STYLES: Final[dict[Tone, str]] = {"neutral": "", "bad": "bold red", "good": "bold green"}
_MARKS: Final[dict[Tone, str]] = {"neutral": "·", "bad": "!", "good": "+"}
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_STRIP_CELLS: Final = 60
_RECENT_SECONDS: Final = 60.0


def announce(rows: Sequence[tuple[str, str]]) -> None:
    """What is going to be done, before anything is."""
    if not console.on_terminal():
        for name, value in rows:
            console.say(f"{name}: {value}")
        return
    grid = _grid()
    for name, value in rows:
        grid.add_row(Text(f"  {name}", style="dim"), Text(value))
    console.show(Group(Text(), grid, Text()))


@contextmanager
def step(text: str) -> Iterator[None]:
    """Something that takes its time; told when it is done, with how long it took."""
    started = time.monotonic()
    if console.on_terminal():
        with console.board() as board:
            board.update(Spinner("dots", Text(f"{text} ...")))
            yield
    else:
        console.say(f"{text} ...")
        yield
    took = f"{time.monotonic() - started:.0f} s"
    if console.on_terminal():
        console.show(Text.assemble(("✓ ", "green"), text, (f"  {took}", "dim")))
    else:
        console.say(f"{text}: done in {took}")


class TrafficBoard:
    """The traffic of the last minute, redrawn in place; nothing where nobody watches."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._live: Live | None = console.board() if console.on_terminal() else None

    def __enter__(self) -> "TrafficBoard":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def refresh(self) -> None:
        """Show the traffic as it is now."""
        if self._live is None:
            return
        answers = self._load.answers()
        begin = max(0.0, self._load.seconds - _RECENT_SECONDS)
        recent = [answer for answer in answers if answer.sent >= begin]
        count = tally(answers)
        line = Text.assemble((f"{clock(self._load.seconds):>6}  ", "dim"))
        line.append_text(_bar(strip(recent, min(_STRIP_CELLS // 2, len(recent)))))
        line.append(f"  {count.sound} answered rightly")
        if bad := count.requests - count.sound:
            line.append(f", {bad} not", style="red")
        self._live.update(line)


def tell(event: Event) -> None:
    """One line of the timeline."""
    if not console.on_terminal():
        detail = f": {event.detail}" if event.detail else ""
        console.say(f"{clock(event.at):>6}  {event.text}{detail}")
        return
    style = _STYLES[event.tone]
    text = Text(event.text, style=style)
    if event.detail:
        text.append(f"\n{event.detail}", style="not bold dim")
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", width=6, no_wrap=True)
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    grid.add_row(Text(clock(event.at), style="dim"), Text(_MARKS[event.tone], style=style), text)
    console.show(grid)


def conclude(proofs: Sequence[Proof], answers: Sequence[Answer]) -> None:
    """The verdict's points and the whole of the traffic, on stdout."""
    grid = _grid()
    for proof in proofs:
        mark = Text("✓ ", "bold green") if proof.holds else Text("✗ ", "bold red")
        found = Text(proof.found, style="" if proof.holds else "red")
        grid.add_row(mark.append(proof.what, "default not bold"), found)
    console.page(Group(Text(), grid, Text(), _traffic(answers)))


def _traffic(answers: Sequence[Answer]) -> RenderableType:
    count = tally(answers)
    end = max((answer.sent for answer in answers), default=0.0)
    # With fewer than two answers in a cell their rhythm would show as gaps.
    cells = min(_STRIP_CELLS, max(10, len(answers) // 2))
    bar = Text("  ").append_text(_bar(strip(answers, cells)))
    axis = f"  {clock(0)}{clock(end):>{cells - 4}}"
    return Group(Padding(summary(count), (0, 0, 0, 2)), bar, Text(axis, style="dim"))


def summary(count: Tally) -> str:
    """The traffic in one sentence."""
    text = f"{count.requests} requests: {count.sound} answered by the old model"
    if count.failed:
        codes = ", ".join(f"{number} {code}" for code, number in count.errors.items())
        text += f", {count.failed} failed ({codes})"
    if count.first_failed is not None and count.last_failed is not None:
        first, last = count.first_failed, count.last_failed
        text += f" within {elapsed(first, last)}, {clock(first)} to {clock(last)}"
    if count.wrong:
        text += f", {count.wrong} answered wrongly"
    return text


def _bar(shares: Sequence[float | None]) -> Text:
    """A cell for each part: full and green where all was right, low and red where nothing was."""
    bar = Text()
    for share in shares:
        if share is None:
            bar.append(" ")
            continue
        style = "green" if share == 1 else "yellow" if share > 0 else "red"
        bar.append(_BLOCKS[max(1, round(share * (len(_BLOCKS) - 1)))], style)
    return bar


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    return grid
