"""Markdown from texts that anybody may have written: names of classes, folders and people."""

import re
from collections.abc import Collection, Iterable, Sequence

from dataset.rules import printable

# Every ASCII punctuation mark may stand behind a backslash and then means itself (CommonMark,
# section 2.4). A pipe is a table's business.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!~&@:$=\"'^])")
_LONGER = 30


def plain(value: str) -> str:
    """The text as itself: no emphasis, link, image, HTML or mention comes of it."""
    return _SPECIAL.sub(r"\\\1", printable(value))


def code(value: str) -> str:
    """The text in the typewriter's letters, with as many backquotes around it as it takes."""
    shown = printable(value)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    # A space is taken off again where a backquote would touch the fence.
    room = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{room}{shown}{room}{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[str] = ()) -> str:
    """A table of Markdown cells; the columns named in `right` are numbers."""
    rules = ["---:" if name in right else "---" for name in header]
    lines = [header, rules, *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def folded(summary: str, body: str, rows: int) -> str:
    """The body, behind its summary where it is long."""
    if rows <= _LONGER:
        return body
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def bullets(items: Iterable[str]) -> str:
    """A list of Markdown paragraphs."""
    return "\n".join(f"- {item}" for item in items)


def section(title: str, *parts: str, level: int = 2) -> str:
    """A heading with its paragraphs; those that say nothing are left out."""
    return "\n\n".join([f"{'#' * level} {title}", *(part for part in parts if part)])


def _cell(markdown: str) -> str:
    # In a table a pipe ends the cell, in code as well (GitHub Flavored Markdown, section 4.10).
    return markdown.replace("|", "\\|")
