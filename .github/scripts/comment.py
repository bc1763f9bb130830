"""Keep one comment on a pull request: update the one that is ours, or make it.

python3 comment.py NUMBER FILE
"""

import sys
from pathlib import Path
from typing import Final

from api import ask, pages

_MARKER: Final = "<!-- darkroom diff -->"
"""The first line of our comment, by which it is found again; GitHub does not show it."""

_AUTHOR: Final = "github-actions[bot]"
"""Who comments with a run's token. Anybody else may write the marker too."""

_LIMIT: Final = 65_536
"""Characters; GitHub refuses a longer comment."""


def main() -> None:
    """Read the comment, check it, and put it on the pull request."""
    number, file = int(sys.argv[1]), Path(sys.argv[2])
    body = file.read_text(encoding="utf-8")
    if not body.startswith(f"{_MARKER}\n"):
        sys.exit(f"{file.name} does not begin with the line {_MARKER}; it would not be found again")
    if len(body) > _LIMIT:
        sys.exit(f"{file.name} has {len(body)} characters; GitHub takes up to {_LIMIT}")
    ours = _ours(number)
    if ours is None:
        ask("POST", f"issues/{number}/comments", {"body": body})
        print("made the comment")
    else:
        ask("PATCH", f"issues/comments/{ours}", {"body": body})
        print("updated the comment")


def _ours(number: int) -> int | None:
    for comment in pages(f"issues/{number}/comments"):
        author = (comment["user"] or {}).get("login")  # an account that is gone is no user
        if author == _AUTHOR and (comment["body"] or "").startswith(_MARKER):
            return int(comment["id"])
    return None


if __name__ == "__main__":
    main()
