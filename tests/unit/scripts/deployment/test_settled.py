"""Waiting for what somebody else began."""

import pytest

from scripts.deployment.settled import settled


def test_what_is_at_work_is_waited_for_and_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    looks = iter([["one", "two"], ["two"], ["two"], []])
    assert settled(lambda: next(looks), lambda found: found, poll_seconds=0) == []
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[2] for line in said] == ["one, two", "two"]
