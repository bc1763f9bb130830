"""The objects of a Pipe-mode job on disk: fetched once, framed once, read every epoch."""

import os
import threading
from pathlib import Path


class Spool:
    """An append-only file of records, found by the number of their object.

    One spool serves all channels; a reader waits for the record it wants, a fetcher adds records
    in any order. The page cache does the rest: a data set that fits in memory stays there.
    """

    def __init__(self, path: Path, objects: int) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._end = 0
        self._places: list[tuple[int, int] | None] = [None] * objects
        self._arrival = threading.Condition()
        self._closed = False

    def put(self, number: int, record: bytes) -> None:
        """Keep the record of object `number` and wake who waits for it."""
        with self._arrival:
            offset, self._end = self._end, self._end + len(record)
        written = 0
        while written < len(record):
            written += os.pwrite(self._descriptor, record[written:], offset + written)
        with self._arrival:
            self._places[number] = (offset, len(record))
            self._arrival.notify_all()

    def get(self, number: int) -> bytes | None:
        """The record of object `number`, waiting for it; None once the spool was closed."""
        place = self._places[number]
        if place is None:
            with self._arrival:
                self._arrival.wait_for(lambda: self._closed or self._places[number] is not None)
                place = self._places[number]
        if self._closed or place is None:
            return None
        return os.pread(self._descriptor, place[1], place[0])

    def close(self) -> None:
        """Let go of every reader. The descriptor stays open: a reader may be inside `pread`."""
        with self._arrival:
            self._closed = True
            self._arrival.notify_all()
