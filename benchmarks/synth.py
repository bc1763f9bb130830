"""Synth of every environment, cdk-nag included, against synth of an app with one empty stack."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.figure import Figure, interleaved

REPOSITORY: Final = Path(__file__).resolve().parents[1]
LIMIT: Final = 2.2
_ROUNDS: Final = 5
_EMPTY_APP: Final = """
import aws_cdk as cdk
app = cdk.App(analytics_reporting=False)
cdk.Stack(app, "Empty")
app.synth()
"""


def measure() -> list[Figure]:
    """Whole processes, as the CDK CLI starts them."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "app.py")
        empty.write_text(_EMPTY_APP, encoding="utf-8")

        def run(program: Path, out: str) -> None:
            binaries = Path(sys.executable).parent
            variables = {
                **os.environ,
                "CDK_OUTDIR": str(Path(folder, out)),
                "PATH": f"{binaries}:{os.environ['PATH']}",
            }
            subprocess.run(
                [sys.executable, str(program)],
                cwd=program.parent,
                env=variables,
                check=True,
                capture_output=True,
            )

        ours, theirs = interleaved(
            [lambda: run(REPOSITORY / "app.py", "ours"), lambda: run(empty, "empty")],
            rounds=_ROUNDS,
        )
    mine, base = statistics.median(ours), statistics.median(theirs)
    return [
        Figure(
            what="synth, all environments with cdk-nag / empty CDK app",
            ours=f"{mine:.2f} s ({mine / base:.2f}x)",
            peer=f"{base:.2f} s",
            limit=f"{LIMIT}x",
            held=mine <= LIMIT * base,
        )
    ]
