"""Inspects many files on all cores, in bounded memory, and leaves no process behind."""

import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Final

from dataset.errors import DatasetError
from dataset.folder import Candidate
from dataset.inspection import Facts, inspect_file
from dataset.rules import Rejection, Violation

Inspected = tuple[Candidate, Facts | Rejection]

_CHUNK_FILES: Final = 64
_CHUNKS_AHEAD: Final = 4

# Below both, one process is done before others would have started.
_ALONE_FILES: Final = 4096
_ALONE_BYTES: Final = 192 * 1024 * 1024
_COST_OF_DECODING: Final = 20


def inspect_files(
    candidates: Iterable[Candidate], *, verify: bool = False, processes: int | None = None
) -> Iterator[Inspected]:
    """Each candidate with its facts or its rejection, in any order.

    Uses every core this process may run on unless `processes` says otherwise. Raises DatasetError
    when an inspecting process dies.
    """
    rest = iter(candidates)
    first = list(islice(rest, _ALONE_FILES))
    if processes is None:
        processes = 1 if _is_little(first, verify) else _cores()
    chunks = _chunks(chain(first, rest))
    if processes == 1:
        return chain.from_iterable(_judge_all(chunk, verify) for chunk in chunks)
    return _inspect_with(processes - 1, chunks, verify)


def _chunks(candidates: Iterator[Candidate]) -> Iterator[list[Candidate]]:
    return iter(lambda: list(islice(candidates, _CHUNK_FILES)), [])


def _is_little(candidates: Sequence[Candidate], verify: bool) -> bool:
    if len(candidates) == _ALONE_FILES:
        return False
    cost = _COST_OF_DECODING if verify else 1
    return sum(_size(candidate.path) for candidate in candidates) * cost <= _ALONE_BYTES


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0  # the inspection says why


def _judge(candidate: Candidate, verify: bool) -> Facts | Rejection:
    try:
        return inspect_file(candidate.path, verify=verify)
    except Violation as violation:
        return Rejection.of(candidate.file, violation.rule, violation.measured)


def _judge_all(chunk: Sequence[Candidate], verify: bool) -> list[Inspected]:
    return [(candidate, _judge(candidate, verify)) for candidate in chunk]


def _inspect_with(
    helpers: int, chunks: Iterator[Sequence[Candidate]], verify: bool
) -> Iterator[Inspected]:
    """This process inspects too: it does not wait for the others to start."""
    # Not fork: the caller may run threads (a progress bar, an S3 client), whose locks a forked
    # child would inherit locked.
    executor = ProcessPoolExecutor(
        helpers, mp_context=get_context("spawn"), initializer=_die_with_the_parent
    )
    running: deque[Future[list[Inspected]]] = deque()
    try:
        while True:
            while running and running[0].done():
                yield from running.popleft().result()
            for chunk in islice(chunks, helpers * _CHUNKS_AHEAD - len(running)):
                with _interrupts_held_back():
                    running.append(executor.submit(_judge_all, chunk, verify))
            own = next(chunks, None)
            if own is None:
                break
            yield from _judge_all(own, verify)
        while running:
            yield from running.popleft().result()
    except BrokenProcessPool as error:
        raise DatasetError(
            "an inspecting process was killed (out of memory?); nothing was changed; "
            "free some memory and repeat"
        ) from error
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A process started meanwhile never sees Ctrl-C: that is for this process to handle."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _die_with_the_parent() -> None:
    """A pool's processes would wait for ever for a parent that was killed."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
