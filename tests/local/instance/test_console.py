"""A container's console is sent whole, and waited for no longer than it can have more to say."""

import os

import pytest

from local.instance import console
from local.instance.console import Console


class Kept:
    """A sink that keeps what was sent."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.sent: list[str] = []

    def accept(self, line: str, when: float) -> None:
        assert when > 0
        self.waiting.append(line)

    def flush(self) -> None:
        self.sent, self.waiting = self.sent + self.waiting, []


def test_everything_printed_is_sent_when_the_output_ends() -> None:
    reader, writer = os.pipe()
    kept = Kept()
    shown = Console(os.fdopen(reader, "rb"), (kept,))
    shown.start()
    with os.fdopen(writer, "wb") as output:
        output.writelines(b"line\t%d\n" % number for number in range(20_000))
    shown.drain()
    assert kept.sent == [f"line#011{number}" for number in range(20_000)]


def test_an_output_that_never_ends_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "DRAIN_SECONDS", 0.2)
    reader, writer = os.pipe()
    kept = Kept()
    shown = Console(os.fdopen(reader, "rb"), (kept,))
    shown.start()
    os.write(writer, b"last words\n")
    shown.drain()
    assert kept.sent == ["last words"]
    os.close(writer)
