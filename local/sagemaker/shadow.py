"""Copies of requests for a shadow variant: made when it has time, never waited for (C.6)."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from local.sagemaker.backend import Backend, Closed, NoInstance
from local.sagemaker.errors import ApiError
from local.sagemaker.exchange import ModelAnswer, Unanswered
from local.sagemaker.invocation import Invocation
from local.sagemaker.server import NotLaunched
from local.sagemaker.timings import MEBIBYTE

WAITING_COPIES = 64
WAITING_BYTES = 64 * MEBIBYTE
WORKERS = 8
IDLE_SECONDS = 10.0
NO_STATUS = 0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A request for a shadow variant, and what is done with an answer: it is never sent on."""

    invocation: Invocation
    keep: Callable[[ModelAnswer], None]


class Mirror:
    """Brings copies to the shadow variants. Thread-safe; never blocks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: WeakKeyDictionary[Backend, CopyQueue] = WeakKeyDictionary()

    def send(self, backend: Backend, copy: Copy) -> None:
        """Have the copy worked on, or drop it where the shadow does not keep up."""
        with self._lock:
            queue = self._queues.get(backend)
            if queue is None:
                queue = self._queues[backend] = CopyQueue(backend.variant.name)
        queue.put(backend, copy)


class CopyQueue:
    """The copies that wait for one shadow variant; its threads end when none came for a while."""

    def __init__(self, variant_name: str) -> None:
        self._variant_name = variant_name
        self._change = threading.Condition()
        self._waiting: deque[tuple[Backend, Copy, float]] = deque()
        self._bytes = self._workers = self._idle = self._dropped = 0

    def put(self, backend: Backend, copy: Copy) -> None:
        """Keep a copy for the next free thread; returns at once."""
        size = len(copy.invocation.body)
        with self._change:
            if len(self._waiting) >= WAITING_COPIES or self._bytes + size > WAITING_BYTES:
                self._dropped += 1
                return
            self._waiting.append((backend, copy, time.perf_counter()))
            self._bytes += size
            if self._idle >= len(self._waiting) or self._workers == WORKERS:
                self._change.notify()
                return
            self._workers += 1
        threading.Thread(target=self._work, name="shadow", daemon=True).start()

    def _work(self) -> None:
        while self._await_copy():
            self._work_on_next()
            if self._dropped and not self._waiting:
                self._say_dropped()

    def _await_copy(self) -> bool:
        """Whether there is one; a thread that waited in vain counts as ended."""
        with self._change:
            self._idle += 1
            found = self._change.wait_for(lambda: bool(self._waiting), IDLE_SECONDS)
            self._idle -= 1
            self._workers -= not found
            return found

    def _work_on_next(self) -> None:
        with self._change:
            if not self._waiting:  # another thread was quicker
                return
            backend, copy, since = self._waiting.popleft()
            self._bytes -= len(copy.invocation.body)
        try:
            _ask(backend, copy, since)
        except Exception:  # noqa: BLE001 - a copy is nobody's answer, and others wait
            _log.exception("a copy for shadow variant %s was lost", backend.variant.name)

    def _say_dropped(self) -> None:
        with self._change:
            dropped, self._dropped = self._dropped, 0
        if dropped:
            name = self._variant_name
            _log.warning("shadow variant %s did not keep up: %d copies dropped", name, dropped)


def _ask(backend: Backend, copy: Copy, since: float) -> None:
    status, seconds = NO_STATUS, 0.0
    try:
        answer = backend.ask(copy.invocation)
    except (Closed, NoInstance, ApiError):
        return  # the shadow is not there to be measured
    except Unanswered as error:
        seconds = error.seconds
    except NotLaunched:
        pass
    else:
        status, seconds = answer.status, answer.seconds
        copy.keep(answer)
    backend.usage.record(
        status=status,
        model_seconds=seconds,
        overhead_seconds=time.perf_counter() - since - seconds,
        instances=backend.instances,
    )
