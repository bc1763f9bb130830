"""A desk to measure at: a clone of the last commit, a local cloud of its own, the demo run once."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.figure import seconds

REPOSITORY: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A finished demo: where it stands, how to reach its cloud, what each stage took."""

    folder: Path
    variables: Mapping[str, str]
    stage_seconds: Mapping[str, float]

    @property
    def url(self) -> str:
        return self.variables["AWS_ENDPOINT_URL"]

    @property
    def release(self) -> Any:
        """The release file that the demo wrote, as JSON."""
        return json.loads((self.folder / "config" / "releases" / "local.json").read_text())

    @property
    def photo(self) -> bytes:
        """One of the demo's images."""
        return max(self.folder.glob("demo/photos/9/*.png")).read_bytes()


@contextmanager
def desk() -> Iterator[Desk]:
    """Run the demo in a clone; the cloud stays up until the block ends."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as place:
        folder = Path(place, "darkroom")
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(folder)], check=True)
        (folder / "node_modules").symlink_to(REPOSITORY / "node_modules")
        variables = {name: v for name, v in os.environ.items() if not name.startswith("AWS_")}
        variables["PYTHONPATH"] = str(folder)
        up = ("scripts", "local", "up", "--port", "0")
        up_seconds = seconds(lambda: _run(folder, variables, *up))
        try:
            variables |= _exports(_run(folder, variables, "scripts", "local", "env"))
            times = folder / "seconds.json"
            _run(folder, variables, "examples.demo", "--seconds", str(times))
            yield Desk(
                folder=folder,
                variables=variables,
                # The demo finds the cloud running: its first stage is this one.
                stage_seconds={
                    **json.loads(times.read_text(encoding="utf-8")),
                    "local up": up_seconds,
                },
            )
        finally:
            _run(folder, variables, "scripts", "local", "down")


def _run(folder: Path, variables: Mapping[str, str], module: str, *words: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=folder,
        env=dict(variables),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return finished.stdout


def _exports(text: str) -> dict[str, str]:
    """The variables of `export NAME=value` lines."""
    words = (shlex.split(line) for line in text.splitlines())
    pairs = (word[1].partition("=") for word in words if word[0] == "export")
    return {name: value for name, _, value in pairs}
