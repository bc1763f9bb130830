"""`make demo`: the whole journey on this machine, typed as an operator would type it.

Real photos, a real training job, a real CloudFormation deployment, real endpoints; no AWS account
and no Docker. Every stage is one command of the CLI, shown before it runs, and may be repeated.
"""

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from scripts.cli import run

PHOTOS: Final = Path("demo/photos")
NEEDED_ACCURACY: Final = 0.97


class Demo:
    """The journey so far: what each stage took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def run(self, stage: str, *words: str) -> None:
        """Show a command, run it, and stop the demo with its exit code when it fails."""
        self._run(stage, words, capture=False)

    def ask(self, stage: str, *words: str) -> Mapping[str, object]:
        """Like `run`, for a command that answers with one JSON object, which is returned."""
        answer: dict[str, object] = json.loads(self._run(stage, words, capture=True))
        return answer

    def knows(self, *words: str) -> Mapping[str, object]:
        """Ask what an earlier stage has done already, without showing it again."""
        finished = subprocess.run(_program(words), capture_output=True, text=True, check=True)
        answer: dict[str, object] = json.loads(finished.stdout)
        return answer

    def _run(self, stage: str, words: Sequence[str], *, capture: bool) -> str:
        print(f"\n$ {shlex.join(words)}", file=sys.stderr, flush=True)
        started = time.monotonic()
        finished = subprocess.run(
            _program(words), stdout=subprocess.PIPE if capture else None, text=True, check=False
        )
        if finished.returncode != 0:
            sys.exit(finished.returncode)
        if capture:
            print(finished.stdout, end="", flush=True)
        self.seconds[stage] = time.monotonic() - started
        return finished.stdout or ""


def _program(words: Sequence[str]) -> list[str]:
    if words[0] == "darkroom":
        return [sys.executable, "-m", "scripts", *words[1:]]
    return [sys.executable, *words[1:]]


@click.command()
@click.option("--seconds", "report", type=click.Path(path_type=Path), help="Write times as JSON.")
def main(report: Path | None) -> None:
    """The journey from photos to a served prediction; ends at the first stage that fails."""
    demo = Demo()
    demo.run("local up", "darkroom", "local", "up")
    demo.run("bootstrap", "darkroom", "bootstrap", "--env", "local", "--yes")
    demo.run("photos", "python", "-m", "examples.digits", str(PHOTOS))
    demo.run("prepare", "darkroom", "prepare", str(PHOTOS), "--env", "local")
    dataset = demo.knows("darkroom", "prepare", str(PHOTOS), "--env", "local", "--json")
    trained = demo.ask(
        *("train", "darkroom", "train", "--env", "local"),
        *("--dataset", str(dataset["dataset_id"]), "--json"),
    )
    accuracy = float(str(trained["validation_accuracy"]))
    if accuracy < NEEDED_ACCURACY:
        sys.exit(f"demo: validation accuracy is {accuracy:.4f}, expected {NEEDED_ACCURACY}")
    job = str(trained["training_job_name"])
    demo.run("release", "darkroom", "release", job, "--env", "local")
    demo.run("deploy", "darkroom", "deploy", "--env", "local", "--yes")
    photo = str(max(PHOTOS.glob("9/*.png")))
    for kind in ("realtime", "serverless"):
        demo.run(
            f"invoke {kind}", "darkroom", "invoke", photo, "--env", "local", "--endpoint", kind
        )
    demo.run("score", "python", "-m", "examples.score", "--env", "local")
    _print(demo.seconds)
    if report is not None:
        report.write_text(json.dumps(demo.seconds, indent=2), encoding="utf-8")


def _print(seconds: Mapping[str, float]) -> None:
    print("\nseconds a stage:", file=sys.stderr)
    for stage, took in seconds.items():
        print(f"  {stage:18} {took:6.1f}", file=sys.stderr)
    print(f"  {'all':18} {sum(seconds.values()):6.1f}", file=sys.stderr)
    print(
        "\nThe endpoints stay up. Activate the environment with `. .venv/bin/activate`, then try "
        "`darkroom invoke demo/photos/... --env local`, look with `darkroom local status`, stop "
        "with `darkroom local down`.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    run(main, "demo")
