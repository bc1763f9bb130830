"""What a drill proves, and each way in which it can fail to."""

from typing import Any

import pytest

from scripts.drilling.verdict import in_service_again, proofs
from tests.unit.scripts.drilling.sightings import NEW, answers, caught, endpoint, seen

CAUGHT, BACK, REPORTED, ANSWERS, QUIET = range(5)


def test_a_rollback_that_went_well_proves_every_point() -> None:
    points = proofs(caught())
    assert all(point.holds for point in points)
    assert points[CAUGHT].found == (
        "by the alarm on InvocationModelErrors, seen at 0:18, 8 s after the first failed request"
    )


@pytest.mark.parametrize(
    ("point", "different"),
    [
        (CAUGHT, {"observations": [seen(0)], "after": endpoint()}),
        (BACK, {"after": endpoint(endpoint_config_name=NEW)}),
        (BACK, {"after": endpoint("UpdateRollbackFailed")}),
        (REPORTED, {"stack_status": "UPDATE_COMPLETE"}),
        (ANSWERS, {"answer": "ModelError 500"}),
        (ANSWERS, {"answer": [0.1, 0.2, 0.7]}),
        (QUIET, {"answers": answers((21.0, ""), (22.0, "ModelError 500"))}),
        (QUIET, {"answers": answers((1.0, ""), (2.0, ""))}),
    ],
)
def test_a_point_that_was_not_seen_does_not_hold(point: int, different: dict[str, Any]) -> None:
    assert not proofs(caught(**different))[point].holds


def test_a_health_check_is_a_defence_too_where_the_defect_may_fail_it() -> None:
    reason = "The variant champion did not pass the ping health check."
    different: dict[str, Any] = {
        "observations": [seen(0), seen(5, endpoint("Updating")), seen(6)],
        "after": endpoint(failure_reason=reason),
    }
    either, only_an_alarm = (
        proofs(caught(**different, needs_alarm=needs_alarm))[CAUGHT]
        for needs_alarm in (False, True)
    )
    assert either.holds
    assert reason in either.found
    assert not only_an_alarm.holds


def test_in_service_again_is_the_last_time_it_came_back() -> None:
    updating = endpoint("Updating")
    assert in_service_again([seen(0), seen(1, updating), seen(2), seen(3)]) == 2
    assert in_service_again([seen(1, updating), seen(2), seen(3, updating), seen(4)]) == 4
    assert in_service_again([seen(0), seen(1, updating)]) is None
