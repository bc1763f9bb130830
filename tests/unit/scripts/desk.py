"""A folder with the CLI and a release file of its own, where commands are typed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from config.environments import ENVIRONMENTS
from config.release import Release

REPOSITORY = Path(__file__).resolve().parents[3]
WITHOUT_A_CLOUD = ("config", "scripts", "dataset", "algorithm/contract")
WITH_A_MODEL_SERVER = ("config", "scripts", "dataset", "algorithm")

# One process for all command lines: starting Python is what takes time.
TYPIST = """
import contextlib, io, json, sys
from scripts.cli import main
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["darkroom", *json.loads(line)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


class Typed(NamedTuple):
    """What came of a command line."""

    code: int
    out: str
    err: str


class Desk:
    """The commands go to environment `local`."""

    def __init__(
        self, folder: Path, parts: Sequence[str] = WITHOUT_A_CLOUD, **variables: str
    ) -> None:
        self.file = folder / "config" / "releases" / "local.json"
        skipped = shutil.ignore_patterns("__pycache__", *(f"{each}.json" for each in ENVIRONMENTS))
        for part in parts:
            shutil.copytree(REPOSITORY / part, folder / part, ignore=skipped)
        self.file.parent.mkdir(exist_ok=True)
        self.typist = subprocess.Popen(
            [sys.executable, "-c", TYPIST],
            cwd=folder,
            env={**os.environ, **variables, "PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def has(self, release: Release) -> None:
        self.file.write_text(release.to_json())

    @property
    def release(self) -> Release:
        return Release.from_json(self.file.read_text(), "local.json")

    def types(self, *words: str) -> Typed:
        assert self.typist.stdin is not None
        assert self.typist.stdout is not None
        self.typist.stdin.write(json.dumps([*words, "--env", "local"]) + "\n")
        self.typist.stdin.flush()
        return Typed(*json.loads(self.typist.stdout.readline()))

    def gets(self, *words: str) -> Any:
        typed = self.types(*words, "--json")
        assert typed.code == 0, typed.err
        return json.loads(typed.out)

    def leave(self) -> None:
        """End the process that types."""
        self.typist.communicate()
        assert self.typist.returncode == 0
