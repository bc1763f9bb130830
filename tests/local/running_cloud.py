"""A local cloud of the tests' own: its own port and directory, the real command line, real
processes."""

import contextlib
import functools
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
import psutil
from botocore.config import Config

from tests.checkout import CHECKOUT

CONTAINER = Path(__file__).with_name("tiny_container.py")
IMAGE = "tiny:1"
REGION = "us-east-1"
ACCOUNT = "000000000000"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}
_Value = TypeVar("_Value")


def eventually(probe: Callable[[], _Value], *, within_seconds: float = 30) -> _Value:
    """The first truthy answer of `probe`; fails when none comes."""
    deadline = time.monotonic() + within_seconds
    while not (value := probe()):
        assert time.monotonic() < deadline, f"{probe} stayed {value!r} for {within_seconds} s"
        time.sleep(0.02)
    return value


def run_local(
    *words: str, stdin: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """`python -m local ...`, as a user would type it."""
    return subprocess.run(
        [sys.executable, "-m", "local", *words],
        cwd=CHECKOUT,
        env={**os.environ, **variables},
        input=stdin or "",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass
class RunningCloud:
    """A cloud on a free port in `directory`; `start` and `stop` go through the command line."""

    directory: Path
    auth: bool = False
    images: tuple[str, ...] = (IMAGE,)
    pace: float | None = None
    variables: dict[str, str] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)

    def start(self) -> "RunningCloud":
        images = self.directory.with_suffix(".images.json")
        program = {"command": [sys.executable, str(CONTAINER)]}
        images.write_text(json.dumps(dict.fromkeys(self.images, program)))
        words = ["up", "--port", "0", "--data", str(self.directory), "--images", str(images)]
        words += ["--auth"] if self.auth else []
        words += [] if self.pace is None else ["--pace", f"{self.pace:g}"]
        done = run_local(*words, **self.variables)
        assert done.returncode == 0, done.stderr + self.log()
        self.record = json.loads((self.directory / "cloud.json").read_text())
        return self

    def stop(self) -> None:
        done = run_local("down", "--data", str(self.directory))
        assert done.returncode == 0, done.stderr

    def kill(self) -> None:
        """What a power cut would do to the daemon."""
        os.kill(self.record["pid"], signal.SIGKILL)
        eventually(lambda: not is_alive(self.record["pid"]))

    def log(self) -> str:
        path = self.directory / "cloud.log"
        return path.read_text() if path.exists() else ""

    @property
    def port(self) -> int:
        port: int = self.record["port"]
        return port

    def client(self, service: str, keys: dict[str, str] | None = None, **config: Any) -> Any:
        """A boto3 client, as root unless keys are given; nothing of the machine's own
        configuration."""
        given = keys or {"AccessKeyId": "test", "SecretAccessKey": "test"}
        named = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        settings = Config(retries={"max_attempts": 0}, proxies={}, **config)
        with _making_clients:
            session = _session(*map(given.get, named))
            return session.client(service, endpoint_url=self.record["url"], config=settings)

    def saved(self, service: str) -> str:
        """The text of a service's state file; empty before the first save."""
        path = self.directory / "state" / f"{service}.json"
        return path.read_text() if path.exists() else ""

    def instances(self) -> list[psutil.Process]:
        """Every process below the daemon."""
        return psutil.Process(self.record["pid"]).children(recursive=True)


_making_clients = threading.Lock()  # sessions are not thread-safe; clients are


@functools.cache
def _session(key_id: str | None, secret: str | None, token: str | None) -> Any:
    """It reads a service's description, a tenth of a second's work, only once."""
    return boto3.Session(
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token,
        region_name=REGION,
    )


@contextlib.contextmanager
def running(directory: Path, *, auth: bool = False) -> Iterator[RunningCloud]:
    """A cloud that is gone afterwards, whatever happened to it."""
    cloud = RunningCloud(directory, auth)
    try:
        yield cloud.start()
    finally:
        cloud.stop()


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def listening_port(process: psutil.Process) -> int:
    """The one TCP port that a process listens on."""
    (port,) = {
        each.laddr.port
        for each in process.net_connections(kind="tcp")
        if each.status == psutil.CONN_LISTEN
    }
    return int(port)


def is_listening(port: int) -> bool:
    """Whether a connection to a loopback port is accepted."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def create_role(
    cloud: RunningCloud, name: str, trust: Any = None, *statements: dict[str, Any]
) -> str:
    """A role's ARN; it may do what the statements say."""
    iam = cloud.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust or TRUST))
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document)
    arn: str = role["Role"]["Arn"]
    return arn


def allow(
    actions: str | list[str], resources: str | list[str] = "*", **extra: Any
) -> dict[str, Any]:
    """An Allow statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **extra}


def put_model(cloud: RunningCloud, bucket: str, answer: str) -> str:
    """Upload a model.tar.gz whose server answers `answer`; its S3 URL."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        entry = tarfile.TarInfo("answer.txt")
        entry.size = len(answer)
        archive.addfile(entry, io.BytesIO(answer.encode()))
    s3 = cloud.client("s3")
    if bucket not in [known["Name"] for known in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=f"{answer}/model.tar.gz", Body=content.getvalue())
    return f"s3://{bucket}/{answer}/model.tar.gz"


def create_endpoint(cloud: RunningCloud, name: str, role: str, model_url: str) -> None:
    """A model, a configuration and an endpoint of one name; returns when it serves."""
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": model_url},
    )
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    wait_in_service(cloud, name)


def wait_in_service(cloud: RunningCloud, name: str) -> None:
    waiter = cloud.client("sagemaker").get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 300})


def variant(model: str) -> dict[str, Any]:
    """One instance of a model under all traffic."""
    return {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }


def invoke(cloud: RunningCloud, endpoint: str, body: bytes = b"x", **parameters: Any) -> str:
    """What the endpoint's model answers."""
    runtime = cloud.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **parameters)
    text: str = answer["Body"].read().decode()
    return text
