"""docs/results.md: a section for each command that measures, written by that command alone."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.machine import machine

REPOSITORY: Final = Path(__file__).resolve().parents[1]
PAGE: Final = REPOSITORY / "docs" / "results.md"
_TITLE: Final = "# Results"
_MARK: Final = "\n## "


def write_section(command: str, text: str) -> None:
    """Put what a command measured in place of what it measured before."""
    section = f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}; {machine()}.\n\n{text}"
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else _TITLE
    PAGE.write_text(with_section(page, command, section), encoding="utf-8")


def with_section(page: str, command: str, section: str) -> str:
    """The page with this section; the others stay as they are, in order of their first writing."""
    sections: dict[str, str] = {}
    for each in page.split(_MARK)[1:]:
        name, _, rest = each.partition("\n")
        sections[name] = rest.strip()
    sections[command] = section.strip()
    return "".join(
        [_TITLE, "\n", *(f"{_MARK}{name}\n\n{each}\n" for name, each in sections.items())]
    )


def _commit() -> str:
    """The last commit, and whether the tree that was measured is another."""
    commit = _git("rev-parse", "--short", "HEAD")
    return f"{commit} with uncommitted changes" if _git("status", "--porcelain") else commit


def _git(*words: str) -> str:
    found = subprocess.run(
        ["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return found.stdout.strip()
