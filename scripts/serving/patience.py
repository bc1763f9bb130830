"""How long a request is repeated: cold starts take minutes, a crowded endpoint a moment."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

# A serverless cold start may take up to four minutes (design section 5).
COLD_START_SECONDS: Final = 240.0
_FIRST_WAIT_SECONDS: Final = 0.2
_LONGEST_WAIT_SECONDS: Final = 4.0


class Interrupted(Exception):
    """The operator has had enough."""


@dataclass(kw_only=True)
class Patience:
    """What a whole run of requests waits, and tells of waiting. Thread-safe."""

    say: Callable[[str], None]
    seconds: float = COLD_START_SECONDS
    first_wait_seconds: float = _FIRST_WAIT_SECONDS
    stopped: threading.Event = field(default_factory=threading.Event)
    _said: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> "Attempts":
        """The attempts of one request."""
        return Attempts(self, time.monotonic())

    def tell(self, text: str) -> None:
        """Say a line, once in a run: a thousand requests wait for one cold start."""
        with self._lock:
            if text in self._said:
                return
            self._said.add(text)
        self.say(text)


class Attempts:
    """The waits of one request: they double, and differ so that a crowd comes back spread out."""

    def __init__(self, patience: Patience, began: float) -> None:
        self._patience = patience
        self._began = began
        self._wait = patience.first_wait_seconds

    def check(self) -> None:
        """Raise Interrupted when nobody waits for an answer any more."""
        if self._patience.stopped.is_set():
            raise Interrupted

    def wait(self) -> bool:
        """Wait before the next attempt; False when all patience is used up. Raises Interrupted."""
        left = self._began + self._patience.seconds - time.monotonic()
        if left <= 0:
            return False
        pause = random.uniform(self._wait / 2, self._wait)  # noqa: S311 - spreads load
        self._wait = min(2 * self._wait, _LONGEST_WAIT_SECONDS)
        self._patience.stopped.wait(min(pause, left))
        self.check()
        return True
