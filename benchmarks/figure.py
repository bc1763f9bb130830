"""One measured figure, beside what it is held against."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A line of the results: ours, the peer's, the limit of design section 6, and the verdict."""

    what: str
    ours: str
    peer: str
    limit: str
    held: bool | None
    """None where there is no limit to hold."""

    @property
    def verdict(self) -> str:
        return {True: "held", False: "**missed**", None: "-"}[self.held]


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes, in seconds of wall time."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleaved(
    works: Sequence[Callable[[], object]],
    *,
    rounds: int,
    warm_up: int = 1,
    together: int = 1,
    pause_seconds: float = 0.0,
) -> list[list[float]]:
    """Seconds of each call of each work, taken in turns so that noise meets them all alike.

    A turn is `together` calls after a pause, for works that leave threads spinning behind: those
    would take the cores from whoever comes next.
    """
    for work in works:
        for _ in range(warm_up):
            work()
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds // together):
        for work, times in zip(works, taken, strict=True):
            time.sleep(pause_seconds)
            times += [seconds(work) for _ in range(together)]
    return taken


def median_ms(times: Sequence[float]) -> float:
    """The median of seconds, in milliseconds."""
    return 1000 * statistics.median(times)
