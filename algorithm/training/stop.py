"""How a training job is asked to stop: SIGTERM, and SIGKILL 120 s later (facts sheet B.1)."""

import signal
import threading
from types import FrameType


class Stopped(Exception):
    """Training was asked to stop; what it stored so far is its result."""


class Stop:
    """Remembers the request; `raise_if_requested` turns it into an end at a safe place."""

    def __init__(self) -> None:
        self._requested = threading.Event()

    def listen(self) -> None:
        """From now on SIGTERM is a request to stop. Only valid in the main thread."""
        signal.signal(signal.SIGTERM, self._on_signal)

    def request(self) -> None:
        self._requested.set()

    def raise_if_requested(self) -> None:
        """Raise Stopped once a stop was requested."""
        if self._requested.is_set():
            raise Stopped

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.request()
