"""A whole drill through the CLI, against a local cloud of its own, with nothing of it left."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import copy_of_the_repository
from tests.journey.operator import Operator, free_port
from tests.journey.practice import releases_an_untrained_model
from tests.processes import processes_below

DRILL = ("darkroom", "drill", "--env", "local")


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    folder = copy_of_the_repository(tmp_path / "darkroom")
    someone = Operator(folder=folder, port=free_port())
    someone.starts_the_cloud()
    try:
        yield someone
    finally:
        someone.stops_the_cloud()
        assert processes_below(folder) == []


def test_a_drill_shows_that_a_broken_model_is_caught_and_undone(operator: Operator) -> None:
    bucket = operator.gets_json("darkroom", "bootstrap", "--env", "local", "--yes")[
        "ArtifactsBucketName"
    ]
    released = releases_an_untrained_model(operator, bucket)
    assert "repeat the command with --yes" in operator.is_refused(*DRILL)
    drilled = operator.gets_json(*DRILL, "--yes")
    assert drilled["passed"]
    assert [proof for proof in drilled["proofs"] if not proof["holds"]] == []
    the_alarm_came_before_the_rollback(drilled["timeline"])
    times = [event["at"] for event in drilled["timeline"]]
    assert times == sorted(times)
    every_request_was_answered_rightly_or_failed_as_documented(drilled["traffic"])
    nothing_is_left(operator, bucket, released.artifact_sha256)


def the_alarm_came_before_the_rollback(timeline: list[dict[str, Any]]) -> None:
    marks = ("goes to the broken model", "ALARM", "rolled back")
    found = [next(i for i, event in enumerate(timeline) if mark in event["text"]) for mark in marks]
    assert all(one < other for one, other in pairwise(found))


def every_request_was_answered_rightly_or_failed_as_documented(traffic: dict[str, Any]) -> None:
    assert traffic["wrong"] == 0
    assert traffic["requests"] == traffic["sound"] + traffic["failed"]
    assert set(traffic["errors"]) == {"ModelError 500"}


def nothing_is_left(operator: Operator, bucket: str, released_sha256: str) -> None:
    stacks = operator.client("cloudformation").describe_stacks()["Stacks"]
    assert "darkroom-local-drill" not in {stack["StackName"] for stack in stacks}
    sagemaker = operator.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_models()["Models"] == []
    assert operator.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    kept = operator.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in kept] == [f"models/{released_sha256}/model.tar.gz"]
