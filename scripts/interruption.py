"""Ctrl-C in a verb that begins anew when it is repeated."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from scripts.errors import Stopped


@contextmanager
def stopped(what_is_left: str) -> Iterator[None]:
    """Make an interrupt inside, also of a question, one that says what is left."""
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        raise Stopped(what_is_left) from None
