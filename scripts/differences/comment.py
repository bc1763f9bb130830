"""The report as a comment on a pull request, always below GitHub's limit of 65,536 characters."""

import html
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from scripts.differences.document import Bullet, Chapter, Document, Grid, Section
from scripts.differences.markdown import cell, code, markdown
from scripts.differences.words import Name, Phrase, visible

MARK: Final = "<!-- darkroom diff -->"
"""The first line, by which the next run finds its comment and updates it."""

LIMIT: Final = 65_536
"""Of GitHub, in characters; counted here in bytes, of which there are never fewer."""

_REASONS_SHARE: Final = 3
_SUMMARY_SHARE: Final = 4
"""The top takes a third and a quarter of the room at the most; the details get what is left."""


def comment(document: Document, command: str, limit: int = LIMIT) -> str:
    """The comment; `command` shows what had to be left out."""
    top = list(_top(document, command, limit))
    bottom = [f"<sub>{'<br>'.join(markdown(each) for each in document.footer)}</sub>"]
    left = limit - _size([*top, *bottom])
    middle: list[str] = []
    chapters = document.chapters
    for place, chapter in enumerate(chapters):
        share = left // (len(chapters) - place)
        lines = _folded(chapter, share, command)
        left -= _size(lines)
        middle += lines
    return "\n".join([*top, *middle, *bottom]) + "\n"


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _top(document: Document, command: str, limit: int) -> Iterator[str]:
    yield MARK
    yield f"### What this change would do: {markdown(document.headline)}"
    yield ""
    if document.reasons:
        yield "**:warning: This needs a second pair of eyes:**"
        yield ""
        reasons = [f"- {markdown(each.text)}" for each in document.reasons]
        yield from _within(reasons, limit // _REASONS_SHARE, command)
    elif document.chapters:
        yield "Nothing here needs a second pair of eyes."
    else:
        yield "No environment changes."
    yield ""
    for note in document.notes:
        yield f"> {markdown(note)}"
        yield ""
    if document.chapters:
        yield from _within(list(_grid(document.summary)), limit // _SUMMARY_SHARE, command)
        yield ""
        if document.unchanged:
            names = f"Without any change: {', '.join(map(code, document.unchanged))}."
            yield from _within([names], limit // _SUMMARY_SHARE, command)
            yield ""


def _within(lines: Sequence[str], limit: int, command: str) -> list[str]:
    """The lines, or as many whole ones as take `limit` bytes with a word on the others."""
    if _size(lines) <= limit:
        return list(lines)
    left = limit - _size(["", _more(len(lines), command)])
    kept: list[str] = []
    for line in lines:
        left -= _size([line])
        if left < 0:
            break
        kept.append(line)
    return [*kept, "", _more(len(lines) - len(kept), command)]


def _more(count: int, command: str) -> str:
    return f"... and {count:,} more lines; {code(command)} shows them all."


def _folded(chapter: Chapter, limit: int, command: str) -> list[str]:
    """A chapter behind its title, cut at whole lines so that it takes `limit` bytes at the most."""
    before = [f"<details><summary>{_bold(chapter.title)}</summary>", ""]
    after = ["</details>", ""]
    lines = [line for section in chapter.sections for line in _section(section)]
    left = limit - _size([*before, *after, ""])
    kept = _within(lines, left, command)
    if left < _size(kept):
        return []  # Not even the word on the others: its row in the table above has to do.
    return [*before, *kept, *([] if kept[-1:] == [""] else [""]), *after]


def _bold(title: Phrase) -> str:
    # Within HTML that begins a block, Markdown is not read; mentions and links outside of code are.
    parts = (
        f"<code>{html.escape(visible(part.text))}</code>"
        if isinstance(part, Name)
        else html.escape(part)
        for part in title.parts
    )
    return f"<b>{''.join(parts)}</b>"


def _section(section: Section) -> Iterator[str]:
    yield f"#### {markdown(section.title)}"
    yield ""
    for each in section.content:
        if isinstance(each, Grid):
            yield from _grid(each)
            yield ""
        else:
            yield from _bullet(each)
    if section.content and isinstance(section.content[-1], Bullet):
        yield ""


def _bullet(bullet: Bullet) -> Iterator[str]:
    yield f"- {':warning: ' if bullet.flagged else ''}{markdown(bullet.text)}"
    yield from (f"  - {markdown(each)}" for each in bullet.below)


def _grid(grid: Grid) -> Iterator[str]:
    yield _row(grid.header)
    yield _row(["---"] * len(grid.header))
    yield from (_row([cell(each) for each in row]) for row in grid.rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
