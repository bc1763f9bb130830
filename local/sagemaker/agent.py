"""An instance's process as the cloud sees it: started, spoken to, and gone when it must be."""

import contextlib
import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import local.instance
from local.instance.assignment import HostingAssignment, TrainingAssignment
from local.instance.wire import line

Event = dict[str, Any]
LONGEST_TEMPORARY_PATH = 107 - len("/pymp-xxxxxxxx/listener-xxxxxxxx")
_log = logging.getLogger(__name__)
_SOURCE_ROOT = Path(local.instance.__file__).parents[2]


class Agent:
    """One `python -m local.instance` process. It ends when its input does: never after us."""

    def __init__(
        self,
        assignment: TrainingAssignment | HostingAssignment,
        on_event: Callable[[Event], None],
        on_end: Callable[[], None],
    ) -> None:
        """`on_event` and `on_end` are called from one thread of the agent's own.

        Returns before the assignment has been read. Raises OSError when there is no room for a
        directory or a process.
        """
        self._assignment = assignment
        self._on_event = on_event
        self._on_end = on_end
        self._directory = Path(assignment.directory)
        self._container: int | None = None
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        verb = "train" if isinstance(assignment, TrainingAssignment) else "serve"
        self._process = subprocess.Popen(
            # -P: its working directory is the container's, and no place to find our modules.
            [sys.executable, "-P", "-m", "local.instance", verb],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_made(self._directory / "work"),
            env=_environment(_made(self._directory / "tmp")),
            start_new_session=True,
        )
        self._send(line(assignment))
        threading.Thread(target=self._write, name=f"orders-{self.pid}", daemon=True).start()
        threading.Thread(target=self._listen, name=f"agent-{self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """Ask for an orderly end: SIGTERM to the container, its logs and output still sent."""
        self._send(line({"order": "stop"}))

    def publish(self, data: list[dict[str, Any]]) -> None:
        """Have metrics published with the role's session."""
        self._send(line({"order": "publish", "data": data}))

    def kill(self) -> None:
        """End it and its container at once: it kills the container when its input ends."""
        self._outbox.put(None)

    def wait(self, timeout: float) -> bool:
        """Whether it ended within `timeout` seconds."""
        return self._ended.wait(timeout)

    def _send(self, data: bytes) -> None:
        self._outbox.put(data)

    def _write(self) -> None:
        """Nobody else waits for the pipe: an assignment may be larger than what it holds."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - narrows the type; PIPE above
        while (data := self._outbox.get()) is not None:
            with contextlib.suppress(OSError):  # it has ended already
                stdin.write(data)
                stdin.flush()
        with contextlib.suppress(OSError):
            stdin.close()

    def _listen(self) -> None:
        try:
            self._hear()
        except Exception:  # noqa: BLE001 - whatever it is, the process must still be ended
            _log.exception("%s: an event could not be handled", self._directory.name)
        finally:
            self.kill()
            self._process.wait()
            self._kill_orphan()
            shutil.rmtree(self._directory, ignore_errors=True)
            self._ended.set()
            self._on_end()

    def _hear(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - narrows the type; PIPE above
        with stdout:
            for text in stdout:
                event = json.loads(text)
                self._note(event)
                self._on_event(event)

    def _note(self, event: Event) -> None:
        match event["event"]:
            case "container":
                self._container = event["pid"]
            case "container_ended":
                self._container = None
            case "warning":
                _log.warning("%s: %s", self._directory.name, event["message"])

    def _kill_orphan(self) -> None:
        """An agent that was itself killed leaves its container's process group to us."""
        if self._container is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._container, signal.SIGKILL)


def _made(directory: Path) -> Path:
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def _environment(temporary: Path) -> dict[str, str]:
    """Ours, with paths that mean the same from any working directory."""
    known = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    path = [str(_SOURCE_ROOT), *(str(Path(entry).absolute()) for entry in known)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    # Python's worker processes put UNIX sockets there; below a deep directory none can be named.
    if len(os.fsencode(temporary)) <= LONGEST_TEMPORARY_PATH:
        environment["TMPDIR"] = str(temporary)
    return environment
