"""Waiting for what somebody else began: it takes minutes, and needs nobody's help to end."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from scripts import console

_POLL_SECONDS = 3.0

Looked = TypeVar("Looked")


def settled(
    look: Callable[[], Looked],
    busy: Callable[[Looked], Sequence[str]],
    poll_seconds: float = _POLL_SECONDS,
) -> Looked:
    """What a look finds once it finds nothing `busy`, whose names are said meanwhile."""
    told: Sequence[str] = ()
    while names := busy(seen := look()):
        if names != told:
            told = names
            console.say(f"waiting for what is under way already: {', '.join(told)}")
        time.sleep(poll_seconds)
    return seen
