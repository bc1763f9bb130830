"""`make bench`: measure everything once and write docs/results.md."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from benchmarks import demo, inspection, invoke, serving, synth
from benchmarks.desk import REPOSITORY, desk
from benchmarks.figure import Figure
from benchmarks.machine import machine
from benchmarks.model_server import model_server

RESULTS: Final = REPOSITORY / "docs" / "results.md"


def main() -> None:
    """Run each benchmark; the exit code is 0 whatever the figures say: they are for reading."""
    figures = [*synth.measure(), *inspection.measure()]
    with desk() as place:
        figures += demo.measure(place)
        with model_server(place) as server:
            figures += serving.measure(place, server)
            figures += invoke.measure(place, server)
    text = report(figures)
    RESULTS.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def report(figures: Sequence[Figure]) -> str:
    """The results page."""
    rows = [
        f"| {figure.what} | {figure.ours} | {figure.peer} | {figure.limit} | {figure.verdict} |"
        for figure in figures
    ]
    return "\n".join(
        [
            "# Results",
            "",
            f"`make bench` on {datetime.now(UTC):%Y-%m-%d} at commit {_commit()}; {machine()}.",
            "Ours and the peer's figure are taken in turns in one run; the limits are our own.",
            "",
            "| what / peer | ours | peer | limit | |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _commit() -> str:
    """The last commit, and whether the tree that synth and inspection ran from is another."""
    commit = _git("rev-parse", "--short", "HEAD")
    return f"{commit} with uncommitted changes" if _git("status", "--porcelain") else commit


def _git(*words: str) -> str:
    found = subprocess.run(
        ["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


if __name__ == "__main__":
    main()
