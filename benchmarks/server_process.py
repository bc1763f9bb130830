"""A server started by itself on a free port of loopback, and stopped again."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.005


@dataclass(frozen=True, kw_only=True)
class Serving:
    """A server that answers its health check."""

    port: int
    ready_seconds: float
    """From the start of its process to its first healthy answer."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], *, port: int, health: str
) -> Iterator[Serving]:
    """Serve until the block ends. Raises RuntimeError when the server does not come up."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(process, port, health)
        yield Serving(port=port, ready_seconds=time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_healthy(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with code {process.returncode}")
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"{process.args!r} did not answer {path}")
