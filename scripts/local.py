"""`darkroom local`: the local cloud, started as a program of its own.

The CLI knows the local cloud only by its command line, and the local cloud knows the algorithm
only by the command that is handed to it here: which image URI stands for which program.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from algorithm.contract import images, metrics
from scripts.cdk import REPOSITORY
from scripts.errors import Refused
from scripts.files import write_atomically

IMAGES_FILE: Final = REPOSITORY / ".darkroom" / "images.json"


def local_images() -> dict[str, object]:
    """For every region's built-in image: the command that does its work on this machine."""
    program = {
        "command": [sys.executable, "-m", "algorithm"],
        "metric_definitions": metrics.METRIC_DEFINITIONS,
    }
    return {images.image_uri(region): program for region in images.regions()}


def running_url() -> str | None:
    """Where this checkout's local cloud answers; None when it does not run."""
    asked = subprocess.run(
        [sys.executable, "-m", "local", "status", "--json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(asked.stdout).get("url") if asked.returncode == 0 else None


@click.command(
    "local",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """`darkroom local up | down | status | reset | env`: see `darkroom local --help`."""
    if importlib.util.find_spec("ministack") is None:
        raise Refused(
            "the local cloud is not installed; run `make setup`, "
            "or `pip install -r requirements-local.txt`"
        )
    handed = list(arguments)
    if handed[:1] == ["up"]:
        write_atomically(IMAGES_FILE, json.dumps(local_images(), indent=1).encode())
        handed[1:1] = ["--images", str(IMAGES_FILE)]
    variables = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    # The same cloud from wherever the command is typed, unless a directory is named.
    named = any(word.split("=")[0] == "--data" for word in handed)
    place = Path.cwd() if named else REPOSITORY
    # In place of this program: a signal, such as Ctrl-C, then reaches the cloud and nobody else.
    os.chdir(place)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, "-m", "local", *handed], variables)  # noqa: S606
