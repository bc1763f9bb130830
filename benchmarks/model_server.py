"""The two model servers, each serving one model directory: ours, and BentoML's."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.desk import REPOSITORY
from benchmarks.peers import program
from benchmarks.server_process import Serving, free_port, serving

_SERVICE = Path(__file__).with_name("peer")


@contextmanager
def our_server(model: Path) -> Iterator[Serving]:
    """`python -m algorithm serve` over a directory with an ONNX model."""
    with tempfile.TemporaryDirectory(prefix="darkroom-serve-") as place:
        Path(place, "model").symlink_to(model)
        port = free_port()
        variables = {
            "SAGEMAKER_BASE_DIR": place,
            "SAGEMAKER_BIND_TO_HOST": "127.0.0.1",
            "SAGEMAKER_BIND_TO_PORT": str(port),
        }
        command = [sys.executable, "-m", "algorithm", "serve"]
        with serving(command, REPOSITORY, variables, port=port, health="/ping") as server:
            yield server


@contextmanager
def bento_server(model: Path) -> Iterator[Serving]:
    """`bentoml serve` over the same model."""
    port = free_port()
    place = ("--host", "127.0.0.1", "--port", str(port))
    command = [program("bentoml"), "serve", "service:Classifier", *place]
    variables = {"MODEL": str(onnx_file(model)), "BENTOML_DO_NOT_TRACK": "True"}
    with serving(command, _SERVICE, variables, port=port, health="/readyz") as server:
        yield server


def onnx_file(model: Path) -> Path:
    """The model in a directory."""
    return next(model.glob("*.onnx"))
