"""`make soak` for five seconds: each kind of endpoint once, each time disturbed otherwise."""

from collections.abc import Iterator

import pytest

from benchmarks.soak.cloud import Cloud, running_cloud
from benchmarks.soak.scenario import run
from benchmarks.soak.scenarios import scenarios

SECONDS = 5.0
SCENARIOS = {scenario.what: scenario for scenario in scenarios(SECONDS)}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with running_cloud() as cloud:
        yield cloud


@pytest.mark.parametrize(
    "what",
    [
        "split, killed",
        "two instances, updated by rolling",
        "serverless, updated",
        "shadow with capture, updated all at once",
    ],
)
def test_no_request_is_lost_or_mixed_up(cloud: Cloud, what: str) -> None:
    result = run(cloud, SCENARIOS[what], SECONDS)
    assert result.disturbances
    assert result.faults == []
