"""A local cloud of the soak's own, and boto3 clients of it that never retry."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import psutil
from botocore.config import Config

REPOSITORY: Final = Path(__file__).resolve().parents[2]
ECHO: Final = str(Path(__file__).with_name("echo.py"))
IMAGE: Final = "echo:1"
BUCKET: Final = "soak-capture"
_ROLE: Final = "soak"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A running cloud: where it answers, which process it is, and a role for its models."""

    url: str
    pid: int
    role: str

    def client(self, service: str, connections: int = 10) -> Any:
        """A boto3 client to which every error comes through."""
        return _client(self.url, service, connections)

    def model_servers(self) -> list[psutil.Process]:
        """The containers that are running."""
        below = psutil.Process(self.pid).children(recursive=True)
        return [process for process in below if ECHO in _command(process)]


@contextmanager
def running_cloud() -> Iterator[Cloud]:
    """A cloud on a free port that is gone, with all that it started, when the block ends."""
    with tempfile.TemporaryDirectory(prefix="darkroom-soak-") as place:
        data = Path(place, "data")
        images = Path(place, "images.json")
        images.write_text(json.dumps({IMAGE: {"command": [sys.executable, ECHO]}}))
        _local("up", "--port", "0", "--data", str(data), "--images", str(images))
        try:
            record = json.loads((data / "cloud.json").read_text())
            yield Cloud(url=record["url"], pid=record["pid"], role=_role(record["url"]))
        finally:
            _local("down", "--data", str(data))


def _local(*words: str) -> None:
    command = [sys.executable, "-m", "local", *words]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)


def _role(url: str) -> str:
    iam, s3 = _client(url, "iam"), _client(url, "s3")
    s3.create_bucket(Bucket=BUCKET)
    role = iam.create_role(RoleName=_ROLE, AssumeRolePolicyDocument=json.dumps(_TRUST))
    arn: str = role["Role"]["Arn"]
    return arn


def _client(url: str, service: str, connections: int = 10) -> Any:
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=connections, proxies={})
    return session.client(service, endpoint_url=url, config=config)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return []
