"""One synth for the session; jsii finds Node in the virtual environment, activated or not."""

import os
import sys
from pathlib import Path

import pytest

os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

from config.environments import ENVIRONMENTS
from stacks.guardrails import Guardrails
from tests.stacks.assembly import Assembly, application, read_assembly, release_of


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assembly, Guardrails]:
    """All environments, each with a release, and the guardrails that let them pass."""
    folder = tmp_path_factory.mktemp("released")
    app = application(folder, releases=map(release_of, ENVIRONMENTS.values()))
    app.synth()
    return read_assembly(folder / "out"), app.guardrails


@pytest.fixture(scope="session")
def assembly(released: tuple[Assembly, Guardrails]) -> Assembly:
    """All environments, each with a release."""
    return released[0]


@pytest.fixture(scope="session")
def guardrails(released: tuple[Assembly, Guardrails]) -> Guardrails:
    """The guardrails after the synth of `assembly`."""
    return released[1]
