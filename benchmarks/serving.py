"""One image over HTTP against Pillow and ONNX Runtime called directly, in turns."""

import io
from collections.abc import Callable
from typing import Final

import numpy as np
import onnxruntime
from PIL import Image

from benchmarks.connection import Connection
from benchmarks.desk import Desk
from benchmarks.figure import Figure, interleaved, median_ms
from benchmarks.model_server import ModelServer

LIMIT_MS: Final = 0.6
READY_LIMIT_SECONDS: Final = 1.0
_ROUNDS: Final = 1000


def measure(desk: Desk, server: ModelServer) -> list[Figure]:
    """How much the model server adds, and how soon it is ready."""
    over_http, direct = interleaved(
        [posting(server.port, desk.photo), _direct(server, desk.photo)],
        rounds=_ROUNDS,
        warm_up=50,
    )
    served, called = median_ms(over_http), median_ms(direct)
    return [
        Figure(
            what="serving: one image over HTTP / Pillow and ONNX Runtime called directly, median",
            ours=f"{served:.2f} ms (+{served - called:.2f} ms)",
            peer=f"{called:.2f} ms",
            limit=f"+{LIMIT_MS} ms",
            held=served - called <= LIMIT_MS,
        ),
        Figure(
            what="serving: from the server's start to its first /ping",
            ours=f"{server.ready_seconds:.2f} s",
            peer="-",
            limit=f"{READY_LIMIT_SECONDS:.0f} s",
            held=server.ready_seconds <= READY_LIMIT_SECONDS,
        ),
    ]


def posting(port: int, photo: bytes) -> Callable[[], object]:
    """A request to the model server over one connection that is kept."""
    connection = Connection(port)
    headers = {"Host": "127.0.0.1", "Content-Type": "image/png"}
    return lambda: connection.post("/invocations", headers, photo)


def _direct(server: ModelServer, photo: bytes) -> Callable[[], object]:
    """What a program without any server would do with the same model."""
    session = onnxruntime.InferenceSession(next(server.model.glob("*.onnx")))
    data = session.get_inputs()[0]
    height, width = data.shape[2:]

    def predict() -> object:
        picture = Image.open(io.BytesIO(photo)).convert("RGB")
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        pixels = np.asarray(picture, np.float32).transpose(2, 0, 1)[None]
        return session.run(None, {data.name: np.ascontiguousarray(pixels)})

    return predict
