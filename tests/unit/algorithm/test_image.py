"""The container image holds what is tested here."""

import importlib.metadata
import re
from pathlib import Path

import algorithm

FOLDER = Path(algorithm.__path__[0])


def test_the_image_installs_the_versions_that_the_tests_ran_with() -> None:
    pins = re.findall(
        r"^([A-Za-z-]+)==([0-9.]+)", (FOLDER / "requirements.txt").read_text(), re.MULTILINE
    )
    assert len(pins) >= 8
    for name, version in pins:
        # A wheel from another index says so behind a plus sign.
        assert importlib.metadata.version(name).partition("+")[0] == version
