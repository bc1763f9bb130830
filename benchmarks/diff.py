"""`darkroom diff` of this repository against its previous commit, against two plain synths."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.figure import Figure, interleaved
from scripts.cdk import with_node

REPOSITORY: Final = Path(__file__).resolve().parents[1]
LIMIT: Final = 1.5
_ROUNDS: Final = 5


def measure() -> list[Figure]:
    """Whole processes, as a pipeline starts them; the two synths one after the other."""
    ours, theirs = interleaved([_diff, _two_synths], rounds=_ROUNDS)
    mine, base = statistics.median(ours), statistics.median(theirs)
    return [
        Figure(
            what="diff against the previous commit / two plain synths",
            ours=f"{mine:.2f} s ({mine / base:.2f}x)",
            peer=f"{base:.2f} s",
            limit=f"{LIMIT}x",
            held=mine <= LIMIT * base,
        )
    ]


def _diff() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "scripts", "diff", "--base", "HEAD~1", "--format", "markdown"],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    # 3 is an answer as well: somebody should look at it.
    assert finished.returncode in (0, 3), finished.stderr.decode()


def _two_synths() -> None:
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "app.py"],
                cwd=REPOSITORY,
                env=with_node({**os.environ, "CDK_OUTDIR": folder}),
                capture_output=True,
                check=True,
            )
