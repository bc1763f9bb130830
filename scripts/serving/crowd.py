"""Many pieces of work at a time, their results in the order of the work."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Crowd(Generic[Item, Result]):
    """Threads that take one item after another.

    They are daemons: who interrupts the command does not wait for answers that take a minute.
    """

    def __init__(
        self, items: Sequence[Item], work: Callable[[Item], Result], *, parallel: int
    ) -> None:
        self._count = len(items)
        self._work = work
        self._waiting = iter(enumerate(items))
        self._lock = threading.Lock()
        self._results: queue.SimpleQueue[tuple[int, Result | BaseException]] = queue.SimpleQueue()
        self._early: dict[int, Result] = {}
        self._stopped = threading.Event()
        self.begun = 0
        """How many items somebody has taken; the rest was never touched."""

        for number in range(min(parallel, self._count)):
            threading.Thread(target=self._take, name=f"crowd-{number}", daemon=True).start()

    def __iter__(self) -> Iterator[Result]:
        """Every result in order; raises what the work raised, as soon as it does.

        Whoever stops asking, for whatever reason, stops the work that has not begun.
        """
        following = 0
        try:
            for _ in range(self._count):
                index, result = self._results.get()
                if isinstance(result, BaseException):
                    raise result
                self._early[index] = result
                while following in self._early:
                    yield self._early.pop(following)
                    following += 1
        finally:
            self._stopped.set()

    def held_back(self) -> list[Result]:
        """After an end before the end: what was finished ahead of its turn; the rest is lost."""
        while not self._results.empty():
            index, result = self._results.get()
            if not isinstance(result, BaseException):
                self._early[index] = result
        return [self._early[index] for index in sorted(self._early)]

    def _take(self) -> None:
        while not self._stopped.is_set():
            with self._lock:
                following = next(self._waiting, None)
                self.begun += following is not None
            if following is None:
                return
            index, item = following
            try:
                self._results.put((index, self._work(item)))
            except BaseException as error:  # noqa: BLE001 - raised again by whoever iterates
                self._results.put((index, error))
                return
