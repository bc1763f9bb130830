"""The report on a terminal, or as plain text in a file."""

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scripts.differences.document import Bullet, Chapter, Document, Grid
from scripts.differences.words import Name, Phrase, visible

_FLAG: Final = "!"


def screen(document: Document) -> RenderableType:
    """Everything, however long."""
    return Group(*_parts(document))


def _parts(document: Document) -> Iterator[RenderableType]:
    yield _text(document.headline, "bold")
    for note in document.notes:
        yield _text(note, "yellow")
    yield ""
    if document.reasons:
        yield Text("needs a second pair of eyes:", "bold red")
        yield from (_hanging(each) for each in document.reasons)
    elif document.chapters:
        yield Text("nothing here needs a second pair of eyes", "green")
    else:
        yield Text("no environment changes", "green")
        return
    if document.unchanged:
        yield ""
        yield Text(f"without any change: {', '.join(map(visible, document.unchanged))}", "dim")
    for chapter in document.chapters:
        yield ""
        yield from _chapter(chapter)
    yield ""
    yield from (_text(each, "dim") for each in document.footer)


def _chapter(chapter: Chapter) -> Iterator[RenderableType]:
    yield _text(chapter.title, "bold reverse")
    for section in chapter.sections:
        yield Padding(_text(section.title, "bold"), (0, 0, 0, 2))
        for each in section.content:
            yield Padding(_grid(each) if isinstance(each, Grid) else _hanging(each), (0, 0, 0, 2))


def _hanging(bullet: Bullet) -> RenderableType:
    """A sentence that wraps below itself and not below its mark."""
    mark = Text(_FLAG if bullet.flagged else "-", "bold red" if bullet.flagged else "dim")
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(overflow="fold")
    table.add_row(mark, _text(bullet.text))
    for each in bullet.below:
        table.add_row("", Padding(_text(each), (0, 0, 0, 2)))
    return table


def _grid(grid: Grid) -> RenderableType:
    table = Table(box=None, show_header=True, header_style="dim", pad_edge=False, padding=(0, 1))
    for name in grid.header:
        table.add_column(name, overflow="fold")
    for row in grid.rows:
        table.add_row(*(_text(each) for each in row))
    return table


def _text(value: Phrase, style: str = "") -> Text:
    """Names in colour; never as markup or as an escape sequence."""
    text = Text(style=style)
    for part in value.parts:
        if isinstance(part, Name):
            text.append(visible(part.text), "cyan")
        else:
            text.append(part)
    return text
