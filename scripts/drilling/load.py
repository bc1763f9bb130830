"""Steady traffic on an endpoint, every answer of which is counted; nothing is retried."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

REQUESTS_PER_SECOND: Final = 5.0
_THREADS: Final = 8
"""One that waits for a slow answer must not hold up the others' requests."""

Outcome = Literal["sound", "failed", "wrong"]
"""The reference answer; an error; or an answer, but not the reference."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one request."""

    sent: float
    """Seconds since the traffic began."""

    done: float
    outcome: Outcome
    detail: str = ""
    """The error's code, for a failed one."""


class Load:
    """Requests at a steady rate for as long as the block lasts.

    `ask` sends one and says what came of it: an outcome and a detail. It must not raise.
    """

    def __init__(
        self,
        ask: Callable[[], tuple[Outcome, str]],
        *,
        requests_per_second: float = REQUESTS_PER_SECOND,
    ) -> None:
        self._ask = ask
        self._interval = _THREADS / requests_per_second
        self._began = time.monotonic()
        self._over = threading.Event()
        self._answers: list[Answer] = []
        self._threads = [
            threading.Thread(
                target=self._work, args=[number / requests_per_second], name="load", daemon=True
            )
            for number in range(_THREADS)
        ]

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if kind is None:  # nobody who interrupts wants to wait for the slowest answer
            for thread in self._threads:
                thread.join()

    @property
    def seconds(self) -> float:
        """Since the traffic began."""
        return time.monotonic() - self._began

    def answers(self) -> list[Answer]:
        """Every answer so far, in the order in which they came."""
        return self._answers.copy()

    def _work(self, due: float) -> None:
        while not self._over.wait(max(0.0, due - self.seconds)):
            sent = self.seconds
            outcome, detail = self._ask()
            self._answers.append(
                Answer(sent=sent, done=self.seconds, outcome=outcome, detail=detail)
            )
            # What a slow answer held up is left out, not made up for in a burst.
            due = max(due + self._interval, self.seconds)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The whole of a load's answers in a few figures."""

    requests: int
    sound: int
    wrong: int
    failed: int
    errors: dict[str, int]
    """How many failed with which code, the most frequent first."""

    first_failed: float | None
    """When the first request had failed, in seconds since the traffic began."""

    last_failed: float | None

    @property
    def exposed_seconds(self) -> float:
        """From the first failed request to the last: how long users would have noticed."""
        if self.first_failed is None or self.last_failed is None:
            return 0.0
        return self.last_failed - self.first_failed


def tally(answers: Sequence[Answer]) -> Tally:
    """Count the answers."""
    outcomes = Counter(answer.outcome for answer in answers)
    errors = Counter(answer.detail for answer in answers if answer.outcome == "failed")
    failed = [answer.done for answer in answers if answer.outcome == "failed"]
    return Tally(
        requests=len(answers),
        sound=outcomes["sound"],
        wrong=outcomes["wrong"],
        failed=outcomes["failed"],
        errors=dict(errors.most_common()),
        first_failed=min(failed, default=None),
        last_failed=max(failed, default=None),
    )
