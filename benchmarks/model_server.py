"""A model server started by itself: the released artifact behind `python -m algorithm serve`."""

import os
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import boto3

from benchmarks.desk import REPOSITORY, Desk


@dataclass(frozen=True, kw_only=True)
class ModelServer:
    """A server that answers /ping on loopback, and the model directory it serves."""

    port: int
    model: Path
    ready_seconds: float


@contextmanager
def model_server(desk: Desk) -> Iterator[ModelServer]:
    """Download and extract the released artifact, and serve it until the block ends."""
    with tempfile.TemporaryDirectory(prefix="darkroom-serve-") as place:
        model = Path(place, "model")
        _extract(desk, model)
        port = _free_port()
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "algorithm", "serve"],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "SAGEMAKER_BASE_DIR": place,
                "SAGEMAKER_BIND_TO_HOST": "127.0.0.1",
                "SAGEMAKER_BIND_TO_PORT": str(port),
            },
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for_ping(port)
            ready = time.perf_counter() - started
            yield ModelServer(port=port, model=model, ready_seconds=ready)
        finally:
            process.terminate()
            process.wait(30)


def _extract(desk: Desk, model: Path) -> None:
    bucket, _, key = (
        desk.release["models"]["champion"]["model_data_url"].removeprefix("s3://").partition("/")
    )
    s3 = boto3.client(
        "s3",
        endpoint_url=desk.url,
        region_name=desk.variables["AWS_REGION"],
        aws_access_key_id=desk.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=desk.variables["AWS_SECRET_ACCESS_KEY"],
    )
    with tempfile.TemporaryFile() as file:
        s3.download_fileobj(bucket, key, file)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            archive.extractall(model, filter="data")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_ping(port: int) -> None:
    for _ in range(2000):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/ping")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError("the model server did not answer /ping")
