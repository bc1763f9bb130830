"""One synth for the session; jsii finds Node in the virtual environment, activated or not."""

import os
import sys
from pathlib import Path

import pytest

os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

from config.environments import ENVIRONMENTS
from stacks.acknowledgements import Acknowledgement
from stacks.guardrails import Guardrails
from tests.stacks.assembly import Assembly, application, read_assembly, release_of
from tests.stacks.plans import PLANS, RELEASES


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
def matched(
    released: tuple[Assembly, Guardrails], planned: tuple[Assembly, Guardrails]
) -> set[Acknowledgement]:
    """The acknowledgements that were needed by `assembly` or by `plans`."""
    return released[1].matched | planned[1].matched


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assembly, Guardrails]:
    """The environments of `tests.stacks.plans`, and the guardrails that let them pass."""
    folder = tmp_path_factory.mktemp("planned")
    app = application(folder, environments=PLANS.values(), releases=RELEASES.values())
    app.synth()
    return read_assembly(folder / "out"), app.guardrails


@pytest.fixture(scope="session")
def plans(planned: tuple[Assembly, Guardrails]) -> Assembly:
    """What no committed environment asks for: see `tests.stacks.plans`."""
    return planned[0]


@pytest.fixture(scope="session")
def everything(assembly: Assembly, plans: Assembly) -> Assembly:
    """Every template there is, of committed environments and of plans."""
    return Assembly(folder=assembly.folder, templates={**assembly.templates, **plans.templates})
