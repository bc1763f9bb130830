"""`make bench`: measure everything once and write docs/results.md."""

import os
import sys
from collections.abc import Sequence

from benchmarks import demo, diff, inspection, invoke, serving, synth, training, upload
from benchmarks.desk import desk
from benchmarks.figure import Figure
from benchmarks.results import write_section


def main() -> None:
    """Run each benchmark; the exit code is 0 whatever the figures say: they are for reading."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # what is measured is the desk's cloud, never the caller's account
    figures = [*synth.measure(), *diff.measure(), *inspection.measure()]
    with desk() as place:
        figures += demo.measure(place)
        for each in (training, upload, serving, invoke):
            figures += each.measure(place)
    text = report(figures)
    write_section("make bench", text)
    sys.stdout.write(f"{text}\n")


def report(figures: Sequence[Figure]) -> str:
    """The section of the results page."""
    rows = [
        f"| {figure.what} | {figure.ours} | {figure.peer} | {figure.limit} | {figure.verdict} |"
        for figure in figures
    ]
    return "\n".join(
        [
            "Ours and the peer's figure are taken in turns in one run; the limits are our own.",
            "",
            "| what / peer | ours | peer | limit | |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


if __name__ == "__main__":
    main()
