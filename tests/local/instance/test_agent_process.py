"""The instance as a process: it and its container end with whoever started it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from local.instance.assignment import ContainerImage, HostingAssignment, RoleSession
from local.instance.wire import decode, encode, line
from tests.local.sagemaker import container

STARTER = """
import subprocess, sys
agent = subprocess.Popen(
    [sys.executable, "-m", "local.instance", "serve"], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE)
agent.stdin.write(sys.stdin.buffer.readline())
agent.stdin.flush()
print(agent.pid, flush=True)
for event in agent.stdout:
    print(event.decode(), end="", flush=True)
"""


def assignment(directory: Path) -> HostingAssignment:
    return HostingAssignment(
        endpoint_name="endpoint",
        variant_name="variant",
        instance_id="i-1",
        directory=str(directory),
        session=RoleSession(
            endpoint_url="http://127.0.0.1:9",
            region="us-east-1",
            access_key_id="a",
            secret_access_key="b",
            session_token="c",
        ),
        container=ContainerImage(command=(sys.executable, container.__file__)),
        environment={},
        model_data_url=None,
        model_bytes_limit=1000,
        download_timeout_seconds=10,
        ping_timeout_seconds=30,
        stop_grace_seconds=5,
    )


def test_an_assignment_survives_the_wire(tmp_path: Path) -> None:
    given = assignment(tmp_path)
    assert decode(HostingAssignment, json.loads(line(given))) == given
    assert encode(given)["container"]["command"][0] == sys.executable


def test_sigkill_of_the_cloud_ends_the_instance_and_its_container(tmp_path: Path) -> None:
    cloud = subprocess.Popen(
        [sys.executable, "-c", STARTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
    )
    assert cloud.stdin is not None
    assert cloud.stdout is not None
    with cloud.stdin, cloud.stdout:
        cloud.stdin.write(line(assignment(tmp_path)))
        cloud.stdin.flush()
        agent = int(cloud.stdout.readline())
        served = json.loads(cloud.stdout.readline())
        assert served["event"] == "container"
        assert json.loads(cloud.stdout.readline())["event"] == "ready"
        assert psutil.pid_exists(served["pid"])
        os.kill(cloud.pid, signal.SIGKILL)
        cloud.wait()
    await_end(agent)
    await_end(served["pid"])


def await_end(pid: int) -> None:
    deadline = time.monotonic() + 30
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)
