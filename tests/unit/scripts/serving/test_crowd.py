"""Many at a time, in order all the same."""

import threading

import pytest

from scripts.serving.crowd import Crowd


def test_results_come_in_the_order_of_the_items_whoever_is_first() -> None:
    gates = [threading.Event() for _ in range(4)]

    def work(number: int) -> int:
        if number < 3:  # each waits for its successor
            assert gates[number + 1].wait(10)
        gates[number].set()
        return number

    assert list(Crowd(range(4), work, parallel=4)) == [0, 1, 2, 3]


def test_no_more_than_so_many_work_at_a_time() -> None:
    working, most, lock = 0, 0, threading.Lock()
    met = threading.Barrier(3)

    def work(_: int) -> None:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        met.wait(10)  # three are needed to go on, so three do work together
        with lock:
            working -= 1

    list(Crowd(range(30), work, parallel=3))
    assert most == 3


def test_a_failure_is_raised_and_what_was_finished_ahead_is_not_lost() -> None:
    ahead = threading.Event()

    def work(number: int) -> int:
        if number == 1:
            assert ahead.wait(10)
            raise LookupError(number)
        if number == 3:
            ahead.set()
        return number

    crowd = Crowd(range(100_000), work, parallel=2)
    found: list[int] = []
    with pytest.raises(LookupError):
        found.extend(crowd)
    assert found == [0]
    assert crowd.held_back()[:2] == [2, 3]


def test_nothing_new_begins_once_nobody_asks() -> None:
    begun: list[int] = []
    go_on = threading.Event()

    def work(number: int) -> None:
        begun.append(number)
        assert number == 0 or go_on.wait(10)

    before = set(threading.enumerate())
    crowd = Crowd(range(1000), work, parallel=1)
    worker = next(iter(set(threading.enumerate()) - before))
    for _ in crowd:
        break
    go_on.set()
    worker.join(10)
    assert not worker.is_alive()
    assert begun in ([0], [0, 1])
