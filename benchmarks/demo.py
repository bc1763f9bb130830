"""The demo's stages, each a command that the README shows."""

from typing import Final

from benchmarks.desk import Desk
from benchmarks.figure import Figure

LIMIT_SECONDS: Final = 120.0


def measure(desk: Desk) -> list[Figure]:
    """Every stage's seconds, and all of them against the two minutes of design section 6."""
    figures = [
        Figure(what=f"demo: {stage}", ours=f"{took:.1f} s", peer="-", limit="-", held=None)
        for stage, took in desk.stage_seconds.items()
    ]
    total = sum(desk.stage_seconds.values())
    figures.append(
        Figure(
            what="demo: all stages",
            ours=f"{total:.1f} s",
            peer="-",
            limit=f"{LIMIT_SECONDS:.0f} s",
            held=total <= LIMIT_SECONDS,
        )
    )
    return figures
