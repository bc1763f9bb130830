"""Batches come in order, in bounded memory, and end when asked to."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from algorithm.failure import ClientError
from algorithm.training.batches import BATCHES_AHEAD, Batches
from algorithm.training.channel import Sample
from algorithm.training.framing import Pixels
from algorithm.training.stop import Stop, Stopped


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as threads:
        yield threads


def samples(count: int) -> Iterator[Sample]:
    return (Sample(number, b"", number % 7) for number in range(count))


def numbered(sample: Sample) -> Pixels:
    return np.full((2, 2, 1), sample.number, dtype=np.uint8)


def test_batches_keep_the_order_of_the_samples(threads: ThreadPoolExecutor) -> None:
    batches = list(Batches(samples(23), numbered, size=5, threads=threads, stop=Stop()))
    assert [len(batch) for batch in batches] == [5, 5, 5, 5, 3]
    assert np.concatenate([batch.images[:, 0, 0, 0] for batch in batches]).tolist() == list(
        range(23)
    )
    assert np.concatenate([batch.labels for batch in batches]).tolist() == [
        number % 7 for number in range(23)
    ]


def test_no_more_is_read_ahead_than_a_few_batches(threads: ThreadPoolExecutor) -> None:
    read = threading.Semaphore(0)

    def counted() -> Iterator[Sample]:
        for sample in samples(1000):
            read.release()
            yield sample

    batches = iter(Batches(counted(), numbered, size=4, threads=threads, stop=Stop()))
    next(batches)
    most = 4 + BATCHES_AHEAD * 4 + 2
    taken = 0
    while read.acquire(timeout=0.3):
        taken += 1
    assert taken <= most


def test_what_goes_wrong_while_decoding_reaches_the_trainer(threads: ThreadPoolExecutor) -> None:
    def broken(sample: Sample) -> Pixels:
        if sample.number == 6:
            raise ClientError("Image 6 is broken.")
        return numbered(sample)

    batches = iter(Batches(samples(20), broken, size=4, threads=threads, stop=Stop()))
    assert len(next(batches)) == 4
    with pytest.raises(ClientError, match="Image 6"):
        next(batches)


def test_what_goes_wrong_while_reading_reaches_the_trainer(threads: ThreadPoolExecutor) -> None:
    def cut() -> Iterator[Sample]:
        yield from samples(2)
        raise ClientError("The stream is broken.")

    with pytest.raises(ClientError, match="stream is broken"):
        list(Batches(cut(), numbered, size=4, threads=threads, stop=Stop()))


def test_a_stop_ends_the_wait_for_a_silent_pipe(threads: ThreadPoolExecutor) -> None:
    stop = Stop()
    silence = threading.Event()

    def silent() -> Iterator[Sample]:
        stop.request()
        silence.wait()
        yield from samples(1)

    with pytest.raises(Stopped):
        list(Batches(silent(), numbered, size=4, threads=threads, stop=stop))
    silence.set()
