"""How far back a verb looks, in whole periods of CloudWatch."""

from datetime import UTC, datetime, timedelta

import pytest

from scripts.serving.window import window

NOW = datetime(2026, 3, 1, 12, 34, 56, 789, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "length"),
    [("1m", 60), ("15m", 900), ("2h", 7200), ("1d", 86_400), ("14d", 14 * 86_400)],
)
def test_a_window_ends_now_covers_what_was_asked_for_and_is_whole_minutes(
    words: str, length: int
) -> None:
    found = window(words, NOW)
    assert found.end >= NOW
    assert found.end - NOW <= timedelta(minutes=1)
    assert found.start <= NOW - timedelta(seconds=length)
    assert found.period_seconds % 60 == 0
    assert found.period_seconds == (found.end - found.start).total_seconds()
    assert found.start.second == found.end.second == 0


@pytest.mark.parametrize("words", ["15d", "20d", "60d"])
def test_beyond_15_days_only_periods_of_five_minutes_are_kept(words: str) -> None:
    found = window(words, NOW)
    assert found.period_seconds % 300 == 0
    assert found.start.minute % 5 == found.end.minute % 5 == 0


@pytest.mark.parametrize("words", ["", "1", "h", "0h", "1w", "1.5h", "-1h", "61d", "1h30m"])
def test_another_way_to_write_a_time_is_told_the_rule(words: str) -> None:
    with pytest.raises(ValueError, match="15m, 2h or 1d, at most 60d"):
        window(words, NOW)


def test_a_window_can_begin_later_in_whole_minutes() -> None:
    found = window("1h", NOW).from_at_least(NOW - timedelta(minutes=10))
    assert found.start == datetime(2026, 3, 1, 12, 24, tzinfo=UTC)
    assert found.from_at_least(NOW - timedelta(days=1)) == found
    assert found.from_at_least(NOW + timedelta(days=1)).period_seconds == 60
