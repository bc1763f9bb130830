"""What happened between two looks, in words."""

from itertools import pairwise

import pytest

from scripts.drilling.load import Answer
from scripts.drilling.timeline import changes, fired, first_failure, strip
from tests.unit.scripts.drilling.sightings import (
    NEW,
    OLD,
    answers,
    caught,
    endpoint,
    pending,
    seen,
)


def test_a_rollback_is_told_in_the_order_in_which_it_happens() -> None:
    looks = caught().observations
    told = [event.text for one, two in pairwise(looks) for event in changes(one, two, OLD)]
    marks = ["second fleet", "100 %", "ALARM", "ROLLING BACK", "rolled back", "quiet again"]
    found = [next(i for i, text in enumerate(told) if mark in text) for mark in marks]
    assert found == sorted(found)


def test_nothing_is_told_twice() -> None:
    same = endpoint("Updating", pending=pending("Baking", 0.5))
    assert changes(seen(1, same, "ALARM"), seen(2, same, "ALARM"), OLD) == []


def test_an_alarm_tells_its_reason_in_the_services_words() -> None:
    (event,) = changes(seen(1), seen(2, errors="ALARM"), OLD)
    assert (event.tone, event.detail) == ("bad", "0.48 > 0.01")
    assert "InvocationModelErrors" in event.text


def test_coming_back_with_the_new_configuration_is_no_good_news() -> None:
    updating = seen(1, endpoint("Updating"))
    (good,) = changes(updating, seen(2, endpoint()), OLD)
    (bad,) = changes(updating, seen(2, endpoint(endpoint_config_name=NEW)), OLD)
    assert (good.tone, bad.tone) == ("good", "bad")


def test_the_first_failure_stands_where_somebody_first_saw_it() -> None:
    slow = Answer(sent=1.5, done=4.0, outcome="failed", detail="ReadTimeoutError")
    event = first_failure([slow, *answers((3.0, "ModelError 500"), (1.0, ""))])
    assert event is not None
    assert event.at == 3.1
    assert "ModelError 500" in event.text
    assert first_failure(answers((1.0, ""))) is None


def test_the_first_alarm_to_fire_is_found_with_its_time() -> None:
    found = fired(caught().observations)
    assert found is not None
    assert (found[0], found[1].name) == (18, "a1")


@pytest.mark.parametrize("width", [1, 7, 60])
def test_a_strip_has_a_cell_for_each_part_of_the_time(width: int) -> None:
    cells = strip(caught().answers, width)
    assert len(cells) == width
    assert all(cell is None or 0 <= cell <= 1 for cell in cells)


def test_a_strip_shows_when_answers_were_wrong_and_when_none_were_asked_for() -> None:
    cells = strip(answers((0.0, ""), (4.0, "ModelError 500"), (9.0, ""), (10.0, "")), 5)
    assert cells == [1.0, 0.0, None, None, 1.0]
    assert strip([], 5) == []
