"""Batches of decoded images, prepared ahead of the training step by threads in bounded memory."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algorithm.training.channel import Sample
from algorithm.training.framing import Pixels
from algorithm.training.stop import Stop

BATCHES_AHEAD = 3
"How many batches are decoded beyond the one in use."

# How often a waiting thread looks whether it is still wanted.
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Batch:
    """Pixels (batch, height, width, channels) and class indices (batch)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class _Decoding:
    pixels: Future[Pixels]
    label: int


_End = BaseException | None


class Batches:
    """Batches of `size` in the order of the samples; the last one may be smaller."""

    def __init__(
        self,
        samples: Iterable[Sample],
        decode: Callable[[Sample], Pixels],
        *,
        size: int,
        threads: Executor,
        stop: Stop,
    ) -> None:
        self._samples = samples
        self._decode = decode
        self._size = size
        self._threads = threads
        self._stop = stop
        self._ahead: queue.Queue[_Decoding | _End] = queue.Queue(maxsize=BATCHES_AHEAD * size)
        self._abandoned = threading.Event()

    def __iter__(self) -> Iterator[Batch]:
        """Raises what reading and decoding raise, and Stopped when a stop is requested."""
        reader = threading.Thread(target=self._read, name="pipe reader", daemon=True)
        reader.start()
        images: list[Pixels] = []
        labels: list[int] = []
        try:
            for decoding in self._arrivals():
                images.append(decoding.pixels.result())
                labels.append(decoding.label)
                if len(images) == self._size:
                    yield _stacked(images, labels)
                    images, labels = [], []
            if images:
                yield _stacked(images, labels)
        finally:
            self._abandoned.set()

    def _arrivals(self) -> Iterator[_Decoding]:
        while True:
            self._stop.raise_if_requested()
            try:
                arrival = self._ahead.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if arrival is None:
                return
            if isinstance(arrival, BaseException):
                raise arrival
            yield arrival

    def _read(self) -> None:
        end: _End = None
        try:
            for sample in self._samples:
                pixels = self._threads.submit(self._decode, sample)
                if not self._put(_Decoding(pixels, sample.label)):
                    return
        except Exception as problem:  # noqa: BLE001 - raised again in the thread that trains
            end = problem
        self._put(end)

    def _put(self, arrival: _Decoding | _End) -> bool:
        while not self._abandoned.is_set():
            try:
                self._ahead.put(arrival, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False


def _stacked(images: list[Pixels], labels: list[int]) -> Batch:
    return Batch(np.stack(images), np.array(labels, dtype=np.int64))
