"""The line between an instance and the cloud that started it: orders in, events out, JSON lines."""

import json
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from local.instance.wire import decode, line

T = TypeVar("T")


@dataclass(frozen=True)
class StopOrder:
    """The cloud wants the container stopped: SIGTERM, and SIGKILL when its grace is over."""


@dataclass(frozen=True)
class PublishOrder:
    """The cloud measured traffic; the instance publishes it with its role's session."""

    data: list[dict[str, Any]]


@dataclass(frozen=True)
class Exited:
    """The container ended."""

    code: int


@dataclass(frozen=True)
class FeedFailed:
    """Input could not be fetched while the container runs."""

    reason: str


Message = StopOrder | PublishOrder | Exited | FeedFailed


class ControlLine:
    """Reads the assignment, then orders; writes events. The end of input is the cloud's death."""

    def __init__(self, orders: BinaryIO, events: BinaryIO) -> None:
        self._orders = orders
        self._events = events
        self._lock = threading.Lock()
        self.inbox: queue.Queue[Message] = queue.Queue()
        self.stop_requested = threading.Event()

    def assignment(self, kind: type[T]) -> T:
        """The first line. Raises TypeError or ValueError when it is not a `kind`."""
        return decode(kind, json.loads(self._orders.readline()))

    def watch(self, abandoned: Callable[[], None]) -> None:
        """Pass orders to the inbox from now on. At end of input, call `abandoned` and exit."""
        threading.Thread(target=self._watch, args=(abandoned,), name="orders", daemon=True).start()

    def report(self, event: str, **fields: object) -> None:
        """Tell the cloud something."""
        try:
            with self._lock:
                self._events.write(line({"event": event, **fields}))
                self._events.flush()
        except BrokenPipeError:
            return  # the cloud is gone; the order thread ends this process

    def warn(self, message: str) -> None:
        """Tell the cloud of something that fails nothing."""
        self.report("warning", message=message)

    def _watch(self, abandoned: Callable[[], None]) -> None:
        for text in self._orders:
            order = json.loads(text)
            if order["order"] == "stop":
                self.stop_requested.set()
                self.inbox.put(StopOrder())
            elif order["order"] == "publish":
                self.inbox.put(PublishOrder(order["data"]))
        abandoned()
        os._exit(1)
