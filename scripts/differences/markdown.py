"""Text that Markdown leaves as it is, whoever wrote it.

A name of the repository stands in a code span, where GitHub sees no markup, no HTML, no mention,
no issue and no link; our own words need no escape.
"""

import re
from typing import Final

from scripts.differences.words import Name, Phrase, visible

_LONGEST: Final = 800
"""Signs of a name; what is longer is cut, so that nothing crowds out the rest of a comment."""


def markdown(text: Phrase) -> str:
    """A phrase on one line."""
    return "".join(code(each.text) if isinstance(each, Name) else each for each in text.parts)


def code(text: str) -> str:
    """A name in a code span that nothing in it can end."""
    shown = visible(text)
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]}..."
    if not shown.strip():
        return "` `"
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    # A span may not begin or end with the sign that ends it, and loses one space at each end.
    needs_room = shown[0] in "` " or shown[-1] in "` "
    room = " " if needs_room else ""
    return f"{fence}{room}{shown}{room}{fence}"


def cell(text: Phrase) -> str:
    """A phrase in a table: a bar would end the cell, also inside of a code span."""
    return markdown(text).replace("|", "\\|")
