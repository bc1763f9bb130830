"""A container's console: every line it prints, handed to CloudWatch's two sinks as it comes."""

import threading
import time
from collections.abc import Sequence
from typing import IO, Protocol

FLUSH_SECONDS = 0.5
DRAIN_SECONDS = 10.0  # what a pipe still holds takes milliseconds
LONGEST_LINE_BYTES = 200_000  # below the 256 KiB of a log event even when every byte is escaped

# CloudWatch shows a container's control characters the way syslog escapes them: TAB is #011.
_ESCAPES = {code: f"#{code:03o}" for code in [*range(32), 127]}


class Sink(Protocol):
    """Takes lines at once and sends them on in batches."""

    def accept(self, line: str, when: float) -> None:
        """A line as CloudWatch stores it, and when it was printed (epoch seconds)."""

    def flush(self) -> None:
        """Send what has come since the last time."""


class Console:
    """Reads until the container and all its children have closed their output."""

    def __init__(self, output: IO[bytes], sinks: Sequence[Sink]) -> None:
        self._output = output
        self._sinks = sinks
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, name="console", daemon=True)
        self._shipper = threading.Thread(target=self._ship, name="shipping", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._reader.start()
        self._shipper.start()

    def drain(self) -> None:
        """After the container's end: wait for the end of its output and until all is sent.

        A process that nobody could end may hold the output open; it is not waited for.
        """
        self._reader.join(DRAIN_SECONDS)
        self._ended.set()
        self._shipper.join()

    def _read(self) -> None:
        with self._output as output:
            while raw := output.readline(LONGEST_LINE_BYTES):
                text = raw.rstrip(b"\r\n").decode("utf-8", "replace").translate(_ESCAPES)
                if text:
                    when = time.time()
                    for sink in self._sinks:
                        sink.accept(text, when)

    def _ship(self) -> None:
        while not self._ended.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        for sink in self._sinks:
            sink.flush()
