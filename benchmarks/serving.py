"""One image over HTTP against Pillow and ONNX Runtime called directly, and against BentoML."""

import io
import statistics
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from PIL import Image

from benchmarks.connection import Connection
from benchmarks.desk import Desk
from benchmarks.figure import Figure, interleaved, median_ms
from benchmarks.model_server import bento_server, onnx_file, our_server
from benchmarks.models import export_resnet_50, extract_released, photo_to_scale_down
from benchmarks.peers import version
from benchmarks.server_process import Serving

READY_LIMIT_SECONDS: Final = 1.0
_READY_ROUNDS: Final = 5
_PAUSE_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Limit:
    """How much a server may take, given what a direct call takes; both in milliseconds."""

    text: str
    holds: Callable[[float, float], bool]


ADDED: Final = Limit("+0.6 ms", lambda served, direct: served <= direct + 0.6)
TIMES: Final = Limit("1.1x", lambda served, direct: served <= 1.1 * direct)


@dataclass(frozen=True, kw_only=True)
class Work:
    """A model, a photo for it, how often to ask, and what may be added to a direct call.

    `together`: the calls of a turn, enough for caches to be as warm as under steady traffic.
    """

    name: str
    model: Path
    photo: bytes
    content_type: str
    rounds: int
    together: int
    limit: Limit

    def posting(self, server: Serving) -> Callable[[], object]:
        """A request to a model server over one connection that is kept."""
        connection = Connection(server.port)
        headers = {"Host": "127.0.0.1", "Content-Type": self.content_type}
        return lambda: connection.post("/invocations", headers, self.photo)


def measure(desk: Desk) -> list[Figure]:
    """What the model server adds with a small and with a large model, and how soon it is ready."""
    with tempfile.TemporaryDirectory(prefix="darkroom-models-") as place:
        small, large = Path(place, "small"), Path(place, "large")
        extract_released(desk, small)
        export_resnet_50(large)
        demo = demo_work(desk, small)
        resnet = Work(
            name="ResNet-50 at 224",
            model=large,
            photo=photo_to_scale_down(),
            content_type="image/jpeg",
            rounds=60,
            together=10,
            limit=TIMES,
        )
        return [*_beside_direct(demo), *_beside_direct(resnet), _ready(demo)]


def demo_work(desk: Desk, model: Path) -> Work:
    """The demo's model with one of its photos."""
    return Work(
        name="the demo's model",
        model=model,
        photo=desk.photo,
        content_type="image/png",
        rounds=1000,
        together=100,
        limit=ADDED,
    )


def _beside_direct(work: Work) -> list[Figure]:
    with our_server(work.model) as ours:
        over_http, direct = _taken(work, work.posting(ours), _direct(work))
        # Apart from the direct call, whose waiting threads would take BentoML's cores.
        with bento_server(work.model) as theirs:
            again, bento = _taken(work, work.posting(ours), work.posting(theirs))
    what = f"serving: {work.name} over HTTP"
    return [
        Figure(
            what=f"{what} / Pillow and ONNX Runtime called directly, median",
            ours=f"{over_http:.2f} ms ({over_http - direct:+.2f} ms, {over_http / direct:.2f}x)",
            peer=f"{direct:.2f} ms",
            limit=work.limit.text,
            held=work.limit.holds(over_http, direct),
        ),
        Figure(
            what=f"{what} / {_bento()} with the same model, median",
            ours=f"{again:.2f} ms",
            peer=f"{bento:.2f} ms",
            limit="-",
            held=None,
        ),
    ]


def _taken(work: Work, *works: Callable[[], object]) -> list[float]:
    """Medians in milliseconds of works taken in turns.

    ONNX Runtime's threads spin for a while after a run, unless they are told not to as ours are.
    """
    taken = interleaved(
        works,
        rounds=work.rounds,
        warm_up=max(3, work.rounds // 20),
        together=work.together,
        pause_seconds=_PAUSE_SECONDS,
    )
    return [median_ms(times) for times in taken]


def _direct(work: Work) -> Callable[[], object]:
    """What a program without any server would do with the same model."""
    session = onnxruntime.InferenceSession(onnx_file(work.model))
    data = session.get_inputs()[0]
    height, width = data.shape[2:]

    def predict() -> object:
        picture = Image.open(io.BytesIO(work.photo)).convert("RGB")
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        pixels = np.asarray(picture, np.float32).transpose(2, 0, 1)[None]
        return session.run(None, {data.name: np.ascontiguousarray(pixels)})

    return predict


def _ready(work: Work) -> Figure:
    def start(server: Callable[[Path], AbstractContextManager[Serving]]) -> float:
        with server(work.model) as serving:
            return serving.ready_seconds

    ours, theirs = (
        statistics.median(start(server) for _ in range(_READY_ROUNDS))
        for server in (our_server, bento_server)
    )
    return Figure(
        what=f"serving: from the server's start to its first healthy answer / {_bento()}",
        ours=f"{ours:.2f} s",
        peer=f"{theirs:.2f} s",
        limit=f"{READY_LIMIT_SECONDS:.0f} s",
        held=ours <= READY_LIMIT_SECONDS,
    )


def _bento() -> str:
    return version("bentoml", "--version")
