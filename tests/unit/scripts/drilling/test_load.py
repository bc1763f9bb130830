"""Steady traffic whose every answer is counted."""

import threading
import time

import pytest

from scripts.drilling.load import Load, Outcome, tally
from tests.unit.scripts.drilling.sightings import answers


def until(load: Load, number: int) -> None:
    give_up = time.monotonic() + 60
    while len(load.answers()) < number:
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_every_answer_is_counted_and_none_comes_after_the_end() -> None:
    asked = 0
    lock = threading.Lock()

    def ask() -> tuple[Outcome, str]:
        nonlocal asked
        with lock:
            asked += 1
            return ("failed", "ModelError 500") if asked % 2 else ("sound", "")

    with Load(ask, requests_per_second=400) as load:
        until(load, 40)
    count = tally(load.answers())
    assert count.requests == asked
    assert count.failed == count.errors["ModelError 500"] == (asked + 1) // 2
    assert count.sound + count.failed == asked


def test_a_request_without_an_answer_does_not_hold_up_the_others() -> None:
    answered, hung = threading.Event(), threading.Lock()

    def ask() -> tuple[Outcome, str]:
        if hung.acquire(blocking=False):
            answered.wait(60)
        return "sound", ""

    with Load(ask, requests_per_second=400) as load:
        until(load, 20)
        answered.set()
    assert tally(load.answers()).sound > 20


def test_a_tally_knows_how_long_users_would_have_noticed() -> None:
    outcomes = [(1.0, ""), (2.0, "ModelError 500"), (5.5, "ModelError 500"), (6.0, "")]
    count = tally(answers(*outcomes))
    assert (count.first_failed, count.last_failed) == (2.1, 5.6)
    assert count.exposed_seconds == pytest.approx(3.5)
    assert tally([]).exposed_seconds == 0
