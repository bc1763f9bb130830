"""The fidelity table says what the code does (local/fidelity.py)."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.model import ListShape, Shape, StructureShape

from local import fidelity
from local.autoscaling.service import AutoScaling
from local.sagemaker.images import Images
from local.sagemaker.service import SageMaker
from local.sagemaker.shapes import operation_model
from tests.checkout import CHECKOUT
from tests.local.running_cloud import run_local
from tests.local.sagemaker.emulator import FakeCloud


def members(shape: Shape) -> dict[str, Shape]:
    while isinstance(shape, ListShape):
        shape = shape.member
    assert isinstance(shape, StructureShape), shape
    return dict(shape.members)


def at(operation: str, path: str) -> dict[str, Shape]:
    """The members of a structure of a request."""
    shape: Any = operation_model(operation).input_shape
    for name in filter(None, path.split(".")):
        shape = members(shape)[name]
    return members(shape)


def test_every_operation_that_there_is_is_in_the_table_and_no_other(tmp_path: Path) -> None:
    sagemaker = SageMaker(FakeCloud("http://127.0.0.1:1", tmp_path), Images.parse("{}"))
    try:
        assert set(fidelity.OPERATIONS[fidelity.SAGEMAKER]) == set(sagemaker.operations)
    finally:
        sagemaker.shutdown()
    surroundings: Any = SimpleNamespace(changed=lambda: None)
    scaling = AutoScaling(surroundings)
    assert set(fidelity.OPERATIONS[fidelity.AUTOSCALING]) == set(scaling.operations)


@pytest.mark.parametrize("operation", fidelity.REFUSED)
def test_every_refused_member_exists_in_the_service(operation: str) -> None:
    for path, refused in fidelity.REFUSED[operation].items():
        assert set(refused) <= set(at(operation, path)), path


def test_every_simulated_member_exists_in_the_service_and_is_not_refused() -> None:
    for operation, how in fidelity.OPERATIONS[fidelity.SAGEMAKER].items():
        for path in how.simulated or {}:
            structure, _, name = path.rpartition(".")
            assert name in at(operation, structure)
            assert name not in fidelity.REFUSED.get(operation, {}).get(structure, ())


def test_the_readme_holds_the_table_as_the_code_prints_it() -> None:
    printed = run_local("fidelity").stdout
    readme = (CHECKOUT / "local" / "README.md").read_text()
    assert printed.strip() == fidelity.table().strip()
    assert printed.strip() in readme, "print it again: python -m local fidelity"
