"""A DeploymentConfig in words, and what it costs."""

from typing import Any

import pytest

from scripts.serving.rollout import RolloutPolicy, duration


def blue_green(type_: str, watch: int = 0, **routing: Any) -> dict[str, Any]:
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": type_, **routing},
            "TerminationWaitInSeconds": watch,
        }
    }


def size(type_: str, value: int) -> dict[str, Any]:
    return {"Type": type_, "Value": value}


CANARY = blue_green(
    "CANARY", 300, CanarySize=size("CAPACITY_PERCENT", 50), WaitIntervalInSeconds=600
)
LINEAR = blue_green("LINEAR", LinearStepSize=size("CAPACITY_PERCENT", 25), WaitIntervalInSeconds=60)
ROLLING = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": size("INSTANCE_COUNT", 2),
        "WaitIntervalInSeconds": 120,
    }
}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "blue/green: all traffic at once"),
        (blue_green("ALL_AT_ONCE", 300), "; the old fleet stays 5 min longer"),
        (CANARY, "canary: 50 % first, watched for 10 min, then the rest; the old fleet stays"),
        (LINEAR, "linear: in steps of 25 %, watched for 1 min"),
        (ROLLING, "rolling: in batches of 2 instances, watched for 2 min"),
        (
            {**CANARY, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}},
            "; an alarm brings it back",
        ),
    ],
    ids=["none", "all at once", "canary", "linear", "rolling", "alarms"],
)
def test_a_rollout_is_told_in_one_clause(config: dict[str, Any] | None, words: str) -> None:
    assert words in RolloutPolicy.read(config).describe()


@pytest.mark.parametrize(
    ("config", "fleet", "steps", "waits", "extra"),
    [
        (None, 3, 1, 0, 3),
        (CANARY, 4, 2, 900, 4),
        (LINEAR, 4, 4, 180, 4),
        (ROLLING, 5, 3, 360, 2),
    ],
    ids=["all at once", "canary", "linear", "rolling"],
)
def test_steps_waits_and_extra_instances_follow_from_the_fleet(
    config: dict[str, Any] | None, fleet: int, steps: int, waits: int, extra: int
) -> None:
    policy = RolloutPolicy.read(config)
    assert policy.steps(fleet) == steps
    assert policy.waits_seconds(fleet) == waits
    assert policy.extra_instances(fleet) == extra


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (45, "45 s"), (60, "1 min"), (90, "90 s"), (600, "10 min"), (3900, "1 h 5 min")],
)
def test_a_duration_is_as_exact_as_somebody_who_waits_wants_it(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("config", "least"),
    [(None, 1), (CANARY, 2), (LINEAR, 2), (ROLLING, 4)],
    ids=["all at once", "half of two", "a quarter of two", "two of four"],
)
def test_a_part_is_at_most_half_of_the_fleet(config: dict[str, Any] | None, least: int) -> None:
    policy = RolloutPolicy.read(config)
    assert [policy.fits(fleet) for fleet in range(1, 6)] == [
        fleet >= least for fleet in range(1, 6)
    ]
