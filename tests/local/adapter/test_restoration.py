"""State that cannot be restored is not overwritten (local/adapter/restoration.py)."""

import json
from pathlib import Path

import pytest

from tests.local.running_cloud import eventually, run_local, running


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
    tmp_path: Path, service: str, content: str
) -> None:
    with running(tmp_path / "data") as cloud:
        cloud.client("ssm").put_parameter(Name="/kept", Value="yes", Type="String")
        eventually(lambda: "/kept" in cloud.saved("ssm"))
        cloud.stop()
        path = cloud.directory / "state" / f"{service}.json"
        good = path.read_text()
        path.write_text(content)
        others = {each: each.read_text() for each in path.parent.iterdir() if each != path}
        refused = run_local("up", "--port", "0", "--data", str(cloud.directory))
        assert refused.returncode == 1
        (message,) = refused.stderr.splitlines()
        assert f"{path} cannot be restored" in message
        assert "move it away" in message
        assert path.read_text() == content
        assert {each: each.read_text() for each in others} == others
        path.write_text(good)
        cloud.start()
        kept = cloud.client("ssm").get_parameter(Name="/kept")["Parameter"]
        assert kept["Value"] == "yes"
