"""A model on this machine: the algorithm's own server, for as long as it takes to ask it once."""

import contextlib
import ctypes
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from algorithm.contract.invocation import JSON
from scripts.archive import unpack
from scripts.cdk import REPOSITORY
from scripts.serving.photos import Photo

SERVE: Final = (sys.executable, "-m", "algorithm", "serve")
"""What SageMaker runs in the container, and the local cloud as its own child."""

SECONDS: Final = 60.0
"""From the start to the answer. The deepest ResNet takes three; SageMaker waits for minutes."""

_HOST: Final = "127.0.0.1"
_SERVING: Final = re.compile(rf"^Serving on {re.escape(_HOST)}:(\d+)$", re.MULTILINE)
_MISSING: Final = re.compile(r"^ModuleNotFoundError: No module named '(.+)'$", re.MULTILINE)
_POLL_SECONDS: Final = 0.02
_ANSWER_BYTES: Final = 1024**2
_SUCCESS: Final = 200
_LOG: Final = "server.log"
_WORDS: Final = 300
_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG
# Where programs and libraries are, and nothing that speaks of the operator: no credentials.
_INHERITED: Final = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "OMP_NUM_THREADS")


class NoAnswer(Exception):
    """The server did not come up, or did not answer the picture; one line, and what to do."""

    def __init__(self, text: str, remedy: str = "train again, and release that job") -> None:
        super().__init__(text)
        self.remedy = remedy


@dataclass(frozen=True, kw_only=True)
class _Deadline:
    seconds: float
    at: float

    @property
    def left(self) -> float:
        return self.at - time.monotonic()

    def missed(self) -> NoAnswer:
        return NoAnswer(f"none within {self.seconds:g} seconds")


def ask(
    archive: Path, picture: Photo, *, seconds: float = SECONDS, command: Sequence[str] = SERVE
) -> list[float]:
    """The probabilities that the model in a model.tar.gz answers `picture` with.

    Nothing of the server is left when this returns, in whatever way. Raises NoAnswer, also when
    it takes longer than `seconds`, and UnsafeArchive.
    """
    deadline = _Deadline(seconds=seconds, at=time.monotonic() + seconds)
    with tempfile.TemporaryDirectory(prefix="darkroom-gate-") as name:
        folder = Path(name)
        _unpack(archive, folder / "model")
        with _started(folder, command) as process:
            port = _port(process, folder / _LOG, deadline)
            with _ended_at(deadline, process):
                return _probabilities(_answer(port, picture, deadline))


def _unpack(archive: Path, folder: Path) -> None:
    try:
        folder.mkdir()
        unpack(archive, folder)
    except OSError as error:
        raise NoAnswer(
            f"the model was not unpacked on this machine: {error.strerror or error}",
            f"make room in {tempfile.gettempdir()}, or set TMPDIR to another folder, and repeat",
        ) from error


@contextmanager
def _started(folder: Path, command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The server as a child in a session of its own: Ctrl-C is ours to pass on."""
    with (folder / _LOG).open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dies_with(os.getpid()),  # noqa: PLW1509 - one prctl call, no locks
        )
    try:
        yield process
    finally:
        _kill(process)
        process.wait()


@contextmanager
def _ended_at(deadline: _Deadline, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the server when the time is up, also one that goes on answering, bit by bit."""
    clock = threading.Timer(deadline.left, _kill, [process])
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        clock.join()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment(folder: Path) -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | {
        "PYTHONPATH": str(REPOSITORY),
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_BIND_TO_HOST": _HOST,
        "SAGEMAKER_BIND_TO_PORT": "0",
    }


def _port(process: subprocess.Popen[bytes], log: Path, deadline: _Deadline) -> int:
    """Where the server listens, once it has loaded the model: it says so itself."""
    while deadline.left > 0:
        ended = process.poll() is not None  # before the look: its last words are there then
        said = log.read_text(encoding="utf-8", errors="replace")
        if found := _SERVING.search(said):
            return int(found[1])
        if ended:
            raise _ended(said)
        time.sleep(_POLL_SECONDS)
    raise deadline.missed()


def _ended(said: str) -> NoAnswer:
    if missing := _MISSING.search(said):
        return NoAnswer(
            f"the model server needs the Python package {missing[1]}",
            "install what it needs with `pip install -r requirements-local.txt`, and repeat",
        )
    lines = [line for line in said.splitlines() if line.strip()]
    return NoAnswer(f"the model server ended: {_words(lines[-1]) if lines else 'without a word'}")


def _words(said: str) -> str:
    """In one line; a model's own names may be in it, and no terminal obeys them."""
    line = " ".join(said.split())[:_WORDS]
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def _answer(port: int, picture: Photo, deadline: _Deadline) -> bytes:
    connection = http.client.HTTPConnection(_HOST, port, timeout=max(_POLL_SECONDS, deadline.left))
    try:
        headers = {"Content-Type": picture.content_type, "Accept": JSON}
        connection.request("POST", "/invocations", picture.content, headers)
        with connection.getresponse() as response:
            content = response.read(_ANSWER_BYTES)
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, TimeoutError) or deadline.left <= 0:
            raise deadline.missed() from error
        raise NoAnswer(f"the model server broke off: {error!r}") from error
    finally:
        connection.close()
    if deadline.left <= 0:  # whatever was read ends where the server was ended
        raise deadline.missed()
    if response.status != _SUCCESS:
        said = _words(content.decode(errors="replace"))
        raise NoAnswer(f"HTTP status {response.status}: {said or 'no reason given'}")
    return content


def _probabilities(answer: bytes) -> list[float]:
    try:
        value: Any = json.loads(answer)
        return [float(each) for each in value]
    except (ValueError, TypeError) as error:
        raise NoAnswer(f"no list of probabilities: {answer[:_WORDS]!r}") from error


def _dies_with(parent: int) -> Callable[[], None] | None:
    """On Linux a child that goes when we are killed; elsewhere it would stay until it is told."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def leash() -> None:
        prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the leash was on
            os._exit(1)

    return leash
