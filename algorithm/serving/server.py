"""The model server's process: one socket, one model, until SIGTERM (facts sheet B.2)."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import FrameType

import uvicorn

from algorithm.contract.artifact import ArtifactError
from algorithm.cores import cores
from algorithm.layout import Layout
from algorithm.serving.application import Application
from algorithm.serving.predictor import Predictor

# SageMaker sends SIGKILL 30 s after SIGTERM.
GRACE_SECONDS = 20

_BACKLOG = 2048


class ServingError(Exception):
    """The server cannot start; the text is one line."""


@dataclass(frozen=True)
class Address:
    """Where to listen: port 8080 of every interface in a container, as SageMaker expects."""

    host: str
    port: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Address":
        """Read SAGEMAKER_BIND_TO_HOST and SAGEMAKER_BIND_TO_PORT. Raises ServingError."""
        port = environment.get("SAGEMAKER_BIND_TO_PORT", "8080")
        if not (port.isascii() and port.isdigit() and int(port) < 65536):
            raise ServingError(f"SAGEMAKER_BIND_TO_PORT is '{port}', but a port is 0 to 65535")
        # S104: the container contract; the network around a container decides who reaches it.
        return cls(environment.get("SAGEMAKER_BIND_TO_HOST", "0.0.0.0"), int(port))  # noqa: S104


def serve(layout: Layout, environment: Mapping[str, str] = os.environ) -> int:
    """Serve the model under `layout` until SIGTERM; returns the exit code."""
    signal.signal(signal.SIGTERM, _exit)
    try:
        listener = _listen(Address.of(environment))
        predictor = _load(layout)
    except ServingError as problem:
        print(f"AlgorithmError: {problem}", file=sys.stderr, flush=True)
        return 1
    with listener, ThreadPoolExecutor(cores(), thread_name_prefix="predict") as threads:
        _run(Application(predictor, threads, concurrency=cores()), listener)
    return 0


def _load(layout: Layout) -> Predictor:
    try:
        return Predictor(layout.model, cores())
    except ArtifactError as problem:
        raise ServingError(f"{layout.model}: {problem}") from None
    except Exception as problem:  # noqa: BLE001 - onnxruntime raises a dozen kinds
        text = " ".join(str(problem).split())
        raise ServingError(f"the model in {layout.model} cannot be loaded: {text}") from None


def _listen(address: Address) -> socket.socket:
    try:
        return socket.create_server((address.host, address.port), backlog=_BACKLOG)
    except OSError as problem:
        raise ServingError(
            f"cannot listen on {address.host}:{address.port}: {_reason(problem)}"
        ) from None


def _reason(problem: OSError) -> str:
    # strerror of create_server's exception repeats the address.
    return os.strerror(problem.errno) if problem.errno and problem.errno > 0 else str(problem)


def _run(application: Application, listener: socket.socket) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    config = uvicorn.Config(
        application,
        interface="asgi3",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    host, port = listener.getsockname()[:2]
    print(f"Serving on {host}:{port}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


def _exit(_number: int, _frame: FrameType | None) -> None:
    # uvicorn raises the signal again once it has shut down gracefully: that is a success.
    raise SystemExit(0)
