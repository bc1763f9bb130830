"""State that cannot be restored is not overwritten (local/adapter/restoration.py)."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.running_cloud import RunningCloud, eventually, run_local, running


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    with running(tmp_path_factory.mktemp("restoration") / "data") as cloud:
        cloud.client("ssm").put_parameter(Name="/kept", Value="yes", Type="String")
        eventually(lambda: "/kept" in cloud.saved("ssm"))
        cloud.stop()
        yield cloud


def up(cloud: RunningCloud) -> subprocess.CompletedProcess[str]:
    return run_local("up", "--port", "0", "--data", str(cloud.directory))


def state(cloud: RunningCloud, service: str) -> Path:
    return cloud.directory / "state" / f"{service}.json"


@pytest.mark.parametrize(
    ("service", "content"),
    [
        ("s3", "{ half a file"),
        ("iam", "\x00\x01"),
        ("ssm", json.dumps({"__ministack_format__": 99, "payload": {"a": 1}})),
        ("sagemaker", json.dumps({"__ministack_format__": 2, "payload": {"version": 99}})),
    ],
)
def test_a_state_file_that_cannot_be_restored_is_named_and_left_as_it_is(
    stopped: RunningCloud, service: str, content: str
) -> None:
    path = state(stopped, service)
    good = path.read_text()
    path.write_text(content)
    try:
        others = {each: each.read_text() for each in path.parent.iterdir() if each != path}
        refused = up(stopped)
        assert refused.returncode == 1
        (message,) = refused.stderr.splitlines()
        assert f"{path} cannot be restored" in message
        assert "move it away" in message
        assert path.read_text() == content
        assert {each: each.read_text() for each in others} == others
    finally:
        path.write_text(good)


def test_a_cloud_starts_again_once_the_good_copy_is_in_its_place(stopped: RunningCloud) -> None:
    path = state(stopped, "ssm")
    good = path.read_text()
    path.write_text("{ half a file")
    assert up(stopped).returncode == 1
    path.write_text(good)
    stopped.start()
    assert stopped.client("ssm").get_parameter(Name="/kept")["Parameter"]["Value"] == "yes"
    stopped.stop()
