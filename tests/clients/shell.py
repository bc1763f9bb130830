"""A user's shell, in which clients are started: its variables, and a home without configuration."""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.checkout import CHECKOUT
from tests.local.running_cloud import REGION

CLIENTS = CHECKOUT / ".venv-clients" / "bin"
PROGRAMS = Path(__file__).with_name("programs")
PATIENCE_SECONDS = 200
# The SDK v2 tells AWS what it is used for unless its defaults say no.
_SDK_DEFAULTS = (
    "SchemaVersion: '1.0'\nSageMaker:\n  PythonSDK:\n    Modules:\n      TelemetryOptOut: true\n"
)


@dataclass(frozen=True)
class Program:
    """A program of PROGRAMS at work; it writes what it saw to the file that it is given."""

    process: "subprocess.Popen[str]"
    file: Path

    def seen(self) -> Any:
        """What it saw, once it has ended without an error."""
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0, said
        return json.loads(self.file.read_text())


@dataclass(frozen=True)
class Shell:
    """Commands are typed in `home`, against the cloud at `url`."""

    home: Path
    url: str

    def variables(self) -> dict[str, str]:
        defaults = self.home / "sagemaker.yaml"
        defaults.write_text(_SDK_DEFAULTS)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **kept,
            "HOME": str(self.home),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_PAGER": "",
            "NO_PROXY": "127.0.0.1,localhost",
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(defaults),
            "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
        }

    def run(self, *words: object) -> "subprocess.CompletedProcess[str]":
        """A command, whatever comes of it."""
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.home,
            env=self.variables(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    @contextlib.contextmanager
    def started(self, python: str | Path, program: str, *words: str) -> Iterator[Program]:
        """A program at work in the background, until the block ends."""
        file = self.home / f"{program}.json"
        process = subprocess.Popen(
            [str(python), str(PROGRAMS / program), str(file), *words],
            cwd=self.home,
            env=self.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            try:
                yield Program(process, file)
            finally:
                process.kill()
