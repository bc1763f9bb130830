"""A stock ministack as the cloud around SageMaker: S3, logs and metrics over real HTTP."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from local.sagemaker.ports import Credentials, RoleNotAssumable, Scope

REGION = "us-east-1"
ACCOUNT = "000000000000"
SCOPE = Scope(account=ACCOUNT, region=REGION)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/execution"
FORBIDDEN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/nobody"
READY_WITHIN_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_emulator(directory: Path, **settings: str) -> Iterator[str]:
    """The URL of a ministack of our own."""
    port = free_port()
    environment = {
        **os.environ,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(directory),
        **settings,
    }
    with (directory / "ministack.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env=environment,
            cwd=directory,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _await_health(url, process)
            yield url
        finally:
            process.kill()
            process.wait()


def _await_health(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "ministack ended"
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=1):  # noqa: S310 - our own
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("ministack did not start")


@dataclass
class FakeCloud:
    """The port that SageMaker is built against, over a stock emulator."""

    endpoint_url: str
    data_directory: Path
    changes: int = 0
    sessions: list[str] = field(default_factory=list)
    events: list[tuple[str, list[str], dict[str, Any]]] = field(default_factory=list)
    scaled: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def assume_role(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        assert scope == SCOPE
        if role_arn == FORBIDDEN_ROLE:
            raise RoleNotAssumable("Its trust policy does not let sagemaker.amazonaws.com in.")
        self.sessions.append(session_name)
        return Credentials(access_key_id="test", secret_access_key="test", session_token="test")

    def changed(self) -> None:
        with self._lock:
            self.changes += 1

    def emit(
        self, scope: Scope, detail_type: str, resources: list[str], detail: dict[str, Any]
    ) -> None:
        assert scope == SCOPE
        self.events.append((detail_type, resources, detail))

    def scaled_variants(self, scope: Scope, endpoint_name: str) -> list[str]:
        assert scope == SCOPE
        return self.scaled.get(endpoint_name, [])


def client(service: str, url: str) -> Any:
    """A stock boto3 client of the emulator."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # any service
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
