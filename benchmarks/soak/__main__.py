"""`make soak`: run every scenario and write its figures into docs/results.md."""

import argparse
import sys
from collections.abc import Sequence

from benchmarks.results import write_section
from benchmarks.soak.clients import CLIENTS
from benchmarks.soak.cloud import running_cloud
from benchmarks.soak.scenario import Result, run
from benchmarks.soak.scenarios import scenarios

_SECONDS = 60.0
_HOW = (
    "{clients} concurrent boto3 clients without retries, {seconds:.0f} seconds a scenario, against "
    "a container that echoes the request.\nOne update follows the other for as long as the load "
    "lasts; a model server is killed every twelfth of that time."
)
_COLUMNS = (
    *("endpoint", "updates or kills", "answered", "documented errors", "lost", "mixed up"),
    *("p50", "p99", ""),
)


def main() -> int:
    """Returns 1 when a request was lost, mixed up, or failed as it should not have."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="of load in each scenario")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="scenarios with this in the name"
    )
    given = parser.parse_args()
    chosen = [each for each in scenarios(given.seconds) if given.only in each.what]
    if not chosen:
        parser.error(f"no scenario is called {given.only!r}")
    results = []
    with running_cloud() as cloud:
        for scenario in chosen:
            result = run(cloud, scenario, given.seconds)
            results.append(result)
            sys.stdout.write(f"{row(result)}\n")
            sys.stdout.writelines(f"  {fault}\n" for fault in result.faults)
            sys.stdout.flush()
    if len(chosen) == len(scenarios(given.seconds)):
        write_section("make soak", report(results))
    return 1 if any(result.faults for result in results) else 0


def report(results: Sequence[Result]) -> str:
    """The section of the results page."""
    seconds = results[0].seconds
    how = _HOW.format(clients=CLIENTS, seconds=seconds)
    head = [_line(_COLUMNS), "|---" * len(_COLUMNS) + "|"]
    return "\n".join([how, "", *head, *map(row, results)])


def row(result: Result) -> str:
    """A line of the table."""
    tally = result.tally
    errors = ", ".join(f"{count} {code}" for code, count in sorted(tally.errors.items())) or "-"
    times = [
        f"{tally.percentile_ms(percent):.0f} ms" if tally.answered > 1 else "-"
        for percent in (50, 99)
    ]
    cells = [
        result.scenario.what,
        str(result.disturbances or "-"),
        str(tally.answered),
        errors,
        str(len(tally.lost)),
        str(len(tally.mixed_up)),
        *times,
        "**failed**" if result.faults else "held",
    ]
    return _line(cells)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
