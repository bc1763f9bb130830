"""Pipe mode: one FIFO a channel and epoch, fed for as long as the container asks (facts B.1)."""

import contextlib
import fcntl
import itertools
import os
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from local.instance.manifest import Reference, Sample
from local.instance.spool import Spool

BATCH_BYTES = 256 * 1024
FIFO_BYTES = 1024 * 1024
_F_SETPIPE_SZ = 1031  # Linux; fcntl names it from Python 3.10 on, but not on every platform


class PipeChannel:
    """Feeds `<channel>_0`, `<channel>_1`, ... with records, until the container has ended.

    The FIFO of the next epoch exists as soon as this one is read, so that a container need not
    wait for it. A reader that closes early has had enough of the epoch: that is no error.
    """

    def __init__(
        self,
        name: str,
        directory: Path,
        samples: list[Sample],
        seed: int | None,
        spool: Spool,
        failed: Callable[[str], None],
    ) -> None:
        self._name = name
        self._directory = directory
        self._samples = samples
        self._seed = seed
        self._spool = spool
        self._failed = failed
        self._ended = False
        self._fifo = self._make_fifo(0)

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._feed, name=f"pipe-{self._name}", daemon=True).start()

    def end(self) -> None:
        """Let go of a FIFO that nobody will open any more."""
        self._ended = True
        with contextlib.suppress(FileNotFoundError):  # the feeder is between two epochs
            # Stays open until this process ends, so that a feeder a moment late returns as well.
            os.open(self._fifo, os.O_RDONLY | os.O_NONBLOCK)

    def order(self, epoch: int) -> Iterable[int]:
        """The samples' order in an epoch: the manifest's, or a shuffle that the seed decides."""
        if self._seed is None:
            return range(len(self._samples))
        shuffled = list(range(len(self._samples)))
        random.Random(f"{self._seed}/{epoch}").shuffle(shuffled)  # noqa: S311 - not for secrets
        return shuffled

    def first_references(self) -> Iterator[int]:
        """The objects of epoch 0 in the order they will be wanted."""
        for index in self.order(0):
            for part in self._samples[index]:
                if isinstance(part, Reference):
                    yield part.index

    def _make_fifo(self, epoch: int) -> Path:
        path = self._directory / f"{self._name}_{epoch}"
        os.mkfifo(path, 0o600)
        return path

    def _feed(self) -> None:
        try:
            for epoch in itertools.count():
                if not self._feed_epoch(epoch):
                    return
        except OSError as error:
            if not self._ended:
                self._failed(f"channel {self._name}: {error}")

    def _feed_epoch(self, epoch: int) -> bool:
        current = self._fifo
        descriptor = os.open(current, os.O_WRONLY)  # waits for a reader, or for `end`
        try:
            if self._ended:
                return False
            self._fifo = self._make_fifo(epoch + 1)
            _widen(descriptor)
            with contextlib.suppress(BrokenPipeError):  # the container closed the channel early
                self._write_epoch(descriptor, epoch)
        finally:
            os.close(descriptor)
        current.unlink(missing_ok=True)
        return True

    def _write_epoch(self, descriptor: int, epoch: int) -> None:
        batch: list[bytes] = []
        size = 0
        for index in self.order(epoch):
            for part in self._samples[index]:
                record = self._spool.get(part.index) if isinstance(part, Reference) else part
                if record is None:
                    return
                batch.append(record)
                size += len(record)
            if size >= BATCH_BYTES:
                _write_all(descriptor, b"".join(batch))
                batch, size = [], 0
        _write_all(descriptor, b"".join(batch))


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _widen(descriptor: int) -> None:
    with contextlib.suppress(OSError):  # a small pipe only costs more wake-ups
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, FIFO_BYTES)
