"""What the emulator's process sees of the user's shell (local/adapter/settings.py)."""

import json
import os
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.local.running_cloud import RunningCloud, is_alive, running


def test_the_cloud_listens_on_loopback_only(cloud: RunningCloud) -> None:
    family = psutil.Process(cloud.record["pid"])
    listening = [
        each.laddr for each in family.net_connections() if each.status == psutil.CONN_LISTEN
    ]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", cloud.port)]


def test_the_users_own_key_is_not_root(tmp_path: Path) -> None:
    keys_in_the_shell = {
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    cloud = RunningCloud(
        tmp_path / "data",
        auth=True,
        variables={**keys_in_the_shell, "USE_SSL": "1", "SERVICES": "s3"},
    )
    try:
        cloud.start()
        keys = {"AccessKeyId": "AKIAREALREALREALREAL", "SecretAccessKey": "s"}
        s3 = cloud.client("s3", keys)
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            s3.list_buckets()
    finally:
        cloud.stop()


def test_temporary_files_are_private_and_gone_after_the_stop(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        temporary = cloud.directory / "tmp"
        assert temporary.stat().st_mode & 0o077 == 0
        assert cloud.directory.stat().st_mode & 0o077 == 0
        (temporary / "left-behind").write_text("x")
        pid = cloud.record["pid"]
    assert list(temporary.iterdir()) == []
    assert not is_alive(pid)
    assert os.listdir(cloud.directory / "state")  # noqa: PTH208 - names are enough
    assert json.loads((cloud.directory / "images.json").read_text())
