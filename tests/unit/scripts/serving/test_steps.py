"""An endpoint's update, step by step, as it is told."""

import pytest

from scripts.serving.live import LiveEndpoint, PendingRollout
from scripts.serving.steps import step_of
from tests.unit.scripts.serving.fleets import live, live_variant


def updating(phase: str, weight: float = 0.0) -> LiveEndpoint:
    coming = live_variant(phases=(phase,), current_weight=weight, current_instances=0)
    return live(
        status="Updating",
        pending=PendingRollout(endpoint_config_name="config-2", variants=(coming,)),
    )


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (live(), "in service"),
        (live(status="Creating"), "starting (champion 1 of 1 instances)"),
        (updating("Creating"), "new fleet starts (champion 0 of 1 instances)"),
        (updating("ActivatingTraffic", 0.5), "traffic moves to the new fleet, 50 % of the traffic"),
        (updating("Baking", 1.0), "new fleet is watched, all of the traffic"),
        (updating("Baking", 0.25), "new fleet is watched, 25 % of the traffic"),
        (live(status="RollingBack"), "rolling back: the traffic returns to the old fleet"),
        (live(status="Updating"), "updating (champion 1 of 1 instances)"),
        (live(status="Failed", failure_reason="no ping"), "Failed: no ping"),
    ],
    ids=[
        "still",
        "creating",
        "new fleet",
        "moving",
        "moved",
        "baking",
        "back",
        "resized",
        "failed",
    ],
)
def test_a_step_says_what_is_going_on(endpoint: LiveEndpoint, words: str) -> None:
    assert step_of(endpoint).startswith(words)
