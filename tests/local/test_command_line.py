"""`python -m local up|down|status|reset|env`, and what happens around SIGKILL."""

import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from local.data_directory import DataDirectory
from tests.checkout import CHECKOUT
from tests.local.adapter.stacks import Stack
from tests.local.running_cloud import (
    RunningCloud,
    allow,
    create_endpoint,
    create_role,
    eventually,
    invoke,
    is_alive,
    put_model,
    run_local,
    running,
    wait_in_service,
)

QUEUE = {
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
}


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert "Traceback" not in text
    return lines[0]


def words(cloud: RunningCloud, *command: str) -> subprocess.CompletedProcess[str]:
    return run_local(*command, "--data", str(cloud.directory))


def test_up_status_env_and_down_tell_one_story(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        again = words(cloud, "up")
        assert again.returncode == 0
        assert f"already running at {cloud.record['url']}" in again.stdout
        seen = json.loads(words(cloud, "status", "--json").stdout)
        assert seen["running"]
        assert (seen["url"], seen["pid"]) == (cloud.record["url"], cloud.record["pid"])
        assert (seen["endpoints"], seen["models"], seen["training_jobs"]) == (0, 0, 0)
        assert seen["data_size_bytes"] > 0
        lines = words(cloud, "env").stdout.splitlines()
        exports = dict(
            shlex.split(line)[1].split("=", 1) for line in lines if line.startswith("export")
        )
        assert exports["AWS_ENDPOINT_URL"] == cloud.record["url"]
        code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
        asked = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **exports},
            capture_output=True,
            text=True,
            check=True,
        )
        assert asked.stdout.strip() == "000000000000"
        pid = cloud.record["pid"]
        down = words(cloud, "down")
        assert down.returncode == 0
        assert "stopped" in down.stdout
        assert not is_alive(pid)
    second = words(cloud, "down")
    assert (second.returncode, second.stdout.strip()) == (0, "not running")
    assert json.loads(words(cloud, "status", "--json").stdout)["running"] is False
    refused = words(cloud, "env")
    assert refused.returncode == 1
    assert "darkroom local up" in one_line(refused.stderr)


def test_a_cloud_that_runs_otherwise_than_asked_is_named(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        refused = words(cloud, "up", "--auth", "--port", "1")
        assert refused.returncode == 1
        message = one_line(refused.stderr)
        assert f"on port {cloud.port}, not 1 and without IAM enforcement" in message
        assert "darkroom local down" in message


def test_other_images_than_those_of_the_running_cloud_are_named(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        images = tmp_path / "data.images.json"
        assert words(cloud, "up", "--images", str(images)).returncode == 0
        other = tmp_path / "other.json"
        other.write_text(images.read_text().replace("tiny:1", "tiny:2"))
        refused = words(cloud, "up", "--images", str(other))
        assert refused.returncode == 1
        message = one_line(refused.stderr)
        assert "already runs with other images; stop it first with" in message
        assert "darkroom local down" in message


def test_the_pace_of_waits_is_told_refused_when_another_runs_and_kept_by_a_restart(
    tmp_path: Path,
) -> None:
    cloud = RunningCloud(tmp_path / "data", pace=20).start()
    try:
        assert "waits pass 20 times as fast" in words(cloud, "status").stdout
        assert words(cloud, "up").returncode == 0
        refused = words(cloud, "up", "--pace", "2")
        assert refused.returncode == 1
        assert "already runs at pace 20, not 2" in one_line(refused.stderr)
        cloud.stop()
        cloud.pace = None
        assert cloud.start().record["pace"] == 20
    finally:
        cloud.stop()


def test_a_taken_port_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run_local("up", "--port", str(port), "--data", str(tmp_path / "data"))
    assert refused.returncode == 1
    message = one_line(refused.stderr)
    assert f"port {port}" in message
    assert "--port" in message


def test_two_clouds_on_one_directory_are_refused(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        refused = words(cloud, "up", "--foreground", "--port", "0")
        assert refused.returncode == 1
        message = one_line(refused.stderr)
        assert str(cloud.directory) in message
        assert f"process {cloud.record['pid']}" in message
        cloud.client("s3").list_buckets()


def test_a_record_of_a_killed_cloud_is_recognised_as_stale(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        cloud.kill()
        assert (
            json.loads((cloud.directory / "cloud.json").read_text())["pid"] == cloud.record["pid"]
        )
        assert json.loads(words(cloud, "status", "--json").stdout)["running"] is False
        assert words(cloud, "down").stdout.strip() == "not running"
        assert words(cloud, "env").returncode == 1


def test_bad_options_and_files_are_usage_errors_or_one_line(tmp_path: Path) -> None:
    assert run_local("up", "--images", str(tmp_path / "none.json")).returncode == 2
    assert run_local("up", "--port", "70000").returncode == 2
    assert run_local("sideways").returncode == 2
    broken = tmp_path / "images.json"
    broken.write_text("{ not json")
    refused = run_local(
        "up", "--port", "0", "--data", str(tmp_path / "data"), "--images", str(broken)
    )
    assert refused.returncode == 1
    one_line(refused.stderr)
    assert not (tmp_path / "data" / "images.json").exists()  # the next start is not spoilt
    blocked = tmp_path / "file"
    blocked.write_text("")
    refused = run_local("up", "--port", "0", "--data", str(blocked))
    assert refused.returncode == 1
    assert str(blocked) in one_line(refused.stderr)


@pytest.mark.parametrize(
    "program",
    [["local"], ["scripts", "local"]],
    ids=["python -m local", "darkroom local"],
)
def test_ctrl_c_ends_a_cloud_in_the_foreground(tmp_path: Path, program: list[str]) -> None:
    directory = tmp_path / "data"
    up = ["up", "--foreground", "--port", "0", "--data", str(directory)]
    process = subprocess.Popen(
        [sys.executable, "-m", *program, *up],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert "running at" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not DataDirectory(directory).is_locked()
    assert list((directory / "tmp").iterdir()) == []  # it was not cut short
    assert not (directory / "cloud.json").exists()


def test_reset_asks_first_and_then_forgets_everything(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        cloud.client("s3").create_bucket(Bucket="forgotten")
        cloud.client("s3").put_object(Bucket="forgotten", Key="k", Body=b"v")
        refused = words(cloud, "reset")
        assert refused.returncode == 1
        assert "--yes" in one_line(refused.stderr)
        cloud.client("s3").head_bucket(Bucket="forgotten")
        done = words(cloud, "reset", "--yes")
        assert done.returncode == 0, done.stderr
        assert cloud.client("s3").list_buckets()["Buckets"] == []  # on the same port


@pytest.mark.parametrize("command", [("up", "--port", "0"), ("reset", "--yes")])
@pytest.mark.parametrize("folder", ["tmp", "state"])
def test_a_directory_that_no_cloud_made_is_refused_and_left_alone(
    tmp_path: Path, folder: str, command: tuple[str, ...]
) -> None:
    mine = tmp_path / folder / "precious.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    refused = run_local(*command, "--data", str(tmp_path))
    assert refused.returncode == 1
    message = one_line(refused.stderr)
    assert str(tmp_path) in message
    assert "--data" in message
    assert mine.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [folder]


def test_reset_of_a_stopped_cloud_keeps_only_what_a_user_put_beside_its_data(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data") as cloud:
        mine = cloud.directory / "precious.txt"
        mine.write_text("mine")
        cloud.client("s3").create_bucket(Bucket="forgotten")
    assert "forgotten" in cloud.saved("s3")
    assert words(cloud, "reset", "--yes").returncode == 0
    assert mine.read_text() == "mine"
    assert not [path for path in cloud.directory.rglob("*") if "forgotten" in path.name]
    assert cloud.saved("s3") == ""


def test_reset_of_nothing_makes_nothing(tmp_path: Path) -> None:
    assert run_local("reset", "--yes", "--data", str(tmp_path / "none")).returncode == 0
    assert not (tmp_path / "none").exists()


def test_after_sigkill_buckets_stacks_roles_and_endpoints_are_back_and_answer(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data") as cloud:
        role = create_role(cloud, "execution", None, allow("s3:GetObject"))
        create_endpoint(cloud, "survivor", role, put_model(cloud, "models", "alive"))
        url = Stack(cloud, "queue").create(QUEUE)["Url"]
        assert invoke(cloud, "survivor") == "alive"
        eventually(
            lambda: (
                "survivor" in cloud.saved("sagemaker")
                and "CREATE_COMPLETE" in cloud.saved("cloudformation")
            )
        )
        children = cloud.instances()
        assert children
        cloud.kill()
        eventually(lambda: not [child for child in children if is_alive(child.pid)])
        cloud.start()
        s3 = cloud.client("s3")
        assert s3.get_object(Bucket="models", Key="alive/model.tar.gz")["Body"].read()
        assert Stack(cloud, "queue").outputs()["Url"] == url
        assert cloud.client("iam").get_role(RoleName="execution")["Role"]["Arn"] == role
        wait_in_service(cloud, "survivor")
        assert invoke(cloud, "survivor") == "alive"
        assert Stack(cloud, "queue").delete() == "DELETE_COMPLETE"


def test_after_a_stop_endpoints_are_back_and_nothing_ran_meanwhile(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        role = create_role(cloud, "execution", None, allow("s3:GetObject"))
        create_endpoint(cloud, "rested", role, put_model(cloud, "models", "alive"))
        children = cloud.instances()
        cloud.stop()
        assert not [child for child in children if is_alive(child.pid)]
        with pytest.raises(EndpointConnectionError):
            cloud.client("s3").list_buckets()
        cloud.start()
        wait_in_service(cloud, "rested")
        assert invoke(cloud, "rested") == "alive"


def test_a_deleted_stacks_bucket_stays_deleted_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        stack = Stack(cloud, "bucket")
        template = {
            "Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}},
            "Outputs": {"Name": {"Value": {"Ref": "Bucket"}}},
        }
        name = stack.create(template)["Name"]
        s3 = cloud.client("s3")
        s3.put_object(Bucket=name, Key="k", Body=b"v")
        s3.delete_object(Bucket=name, Key="k")
        assert stack.delete() == "DELETE_COMPLETE"
        cloud.stop()
        cloud.start()
        with pytest.raises(ClientError):
            cloud.client("s3").head_bucket(Bucket=name)


def test_the_data_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    with running(tmp_path / "data") as cloud:
        cloud.client("s3").create_bucket(Bucket="private")
        eventually(lambda: "private" in cloud.saved("s3"))
        assert stat.S_IMODE(cloud.directory.stat().st_mode) == 0o700
        cloud.client("s3").put_object(Bucket="private", Key="photo", Body=b"x")
        role = create_role(cloud, "execution", None, allow("s3:GetObject"))
        create_endpoint(cloud, "private", role, put_model(cloud, "models", "alive"))
        kept = [path for path in cloud.directory.rglob("*") if not path.is_symlink()]
        assert {path.name for path in kept} >= {"cloud.log", "images.json", "photo", "model.tar.gz"}
        assert any(cloud.directory / "instances" in path.parents for path in kept)
        open_to_others = [path for path in kept if path.stat().st_mode & 0o077]
        assert open_to_others == []


def test_a_hung_cloud_is_killed_by_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from local import background

    with running(tmp_path / "data") as cloud:
        psutil.Process(cloud.record["pid"]).suspend()
        monkeypatch.setattr(background, "_STOP_PATIENCE_SECONDS", 0.5)
        assert background.stop(DataDirectory(cloud.directory))
        assert not is_alive(cloud.record["pid"])
