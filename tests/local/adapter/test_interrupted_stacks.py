"""Stacks that the end of the cloud cut short (local/adapter/interrupted_stacks.py)."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.adapter.interrupted_stacks import REASON
from tests.local.adapter.stacks import Stack
from tests.local.adapter.test_cloudformation_types import serving
from tests.local.running_cloud import (
    CONTAINER,
    RunningCloud,
    eventually,
    invoke,
    put_model,
    run_local,
)

NEVER_READY = "never-ready:1"
SILENT = "import os, time\nwhile not os.path.exists({gate!r}): time.sleep(0.02)\n"


class PatientCloud(RunningCloud):
    """A cloud with a second image, whose server answers no /ping before a file exists."""

    @property
    def gate(self) -> Path:
        return self.directory.with_suffix(".gate")

    def start(self) -> RunningCloud:
        script = self.directory.with_suffix(".py")
        script.write_text(SILENT.format(gate=str(self.gate)) + CONTAINER.read_text())
        images = self.directory.with_suffix(".images.json")
        commands = {"tiny:1": CONTAINER, NEVER_READY: script}
        known = {image: {"command": [sys.executable, str(at)]} for image, at in commands.items()}
        images.write_text(json.dumps(known))
        done = run_local(
            "up", "--port", "0", "--data", str(self.directory), "--images", str(images)
        )
        assert done.returncode == 0, done.stderr + self.log()
        self.record = json.loads((self.directory / "cloud.json").read_text())
        return self


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[PatientCloud]:
    cloud = PatientCloud(tmp_path / "data")
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.stop()


def begin(cloud: PatientCloud, operation: str, template: dict[str, Any], **options: Any) -> None:
    """Begin an operation of the stack `cut`; returns when its endpoint waits and that is saved."""
    client = cloud.client("cloudformation")
    getattr(client, operation)(
        StackName="cut",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        **options,
    )
    doing = "Creating" if operation == "create_stack" else "Updating"
    step = f'"{operation[:6].upper()}_IN_PROGRESS"'

    def saved() -> bool:
        events = cloud.saved("cloudformation")
        endpoint = '"LogicalResourceId": "Endpoint"'
        under_way = any(endpoint in each and step in each for each in events.split("}"))
        return under_way and f'"{doing}"' in cloud.saved("sagemaker")

    eventually(saved)


@pytest.mark.parametrize("orderly", [False, True])
def test_a_creation_cut_short_is_rolled_back_and_can_be_repeated(
    patient: PatientCloud, orderly: bool
) -> None:
    url = put_model(patient, "cut-models", "first")
    begin(patient, "create_stack", serving(url, image=NEVER_READY, name="Cut"))
    patient.stop() if orderly else patient.kill()
    patient.gate.touch()
    patient.start()
    stack = Stack(patient, "cut")
    assert stack.settled() == "ROLLBACK_COMPLETE"
    assert REASON in stack.reason("Endpoint", "CREATE_FAILED")
    sagemaker = patient.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_models()["Models"] == []
    assert stack.delete() == "DELETE_COMPLETE"
    Stack(patient, "cut").create(serving(url, name="Cut"))
    assert invoke(patient, "Cut") == "first"


def test_an_update_cut_short_goes_back_to_the_old_model_and_can_be_repeated(
    patient: PatientCloud,
) -> None:
    stack = Stack(patient, "cut")
    first = serving(put_model(patient, "cut-models", "first"), name="Cut")
    before = stack.create(first)
    second = serving(put_model(patient, "cut-models", "second"), image=NEVER_READY, name="Cut")
    begin(patient, "update_stack", second)
    patient.kill()
    patient.gate.touch()
    patient.start()
    stack = Stack(patient, "cut")
    assert stack.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert REASON in stack.reason("Endpoint", "UPDATE_FAILED")
    assert stack.outputs() == before
    assert invoke(patient, "Cut") == "first"
    models = patient.client("sagemaker").list_models()["Models"]
    assert [model["ModelName"] for model in models] == [before["ModelName"]]
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stack.try_update(first)
    stack.update(second)
    assert invoke(patient, "Cut") == "second"
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_creation_that_is_not_to_be_rolled_back_is_left_for_rollback_stack(
    patient: PatientCloud,
) -> None:
    url = put_model(patient, "cut-models", "first")
    begin(patient, "create_stack", serving(url, image=NEVER_READY), DisableRollback=True)
    patient.kill()
    patient.gate.touch()
    patient.start()
    stack = Stack(patient, "cut")
    assert stack.settled() == "CREATE_FAILED"
    assert REASON in stack.reason("cut", "CREATE_FAILED")
    assert stack.delete() == "DELETE_COMPLETE"
    assert patient.client("sagemaker").list_endpoints()["Endpoints"] == []
