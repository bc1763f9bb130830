"""A job's life beside its agent's: what goes wrong there still settles, and stays its own."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.agent import Agent, Event
from local.sagemaker.errors import ApiError
from local.sagemaker.images import Images
from local.sagemaker.ports import Credentials, Scope
from local.sagemaker.service import SageMaker
from tests.local.instance.test_agent_process import assignment, await_end
from tests.local.sagemaker.conftest import QUICK
from tests.local.sagemaker.emulator import SCOPE, FakeCloud
from tests.local.sagemaker.requests import (
    WAIT_SECONDS,
    describe_job,
    ended_job,
    manifest_channel,
    training_request,
    until,
)


class BrokenCloud(FakeCloud):
    """Its STS breaks in a way that nobody foresaw."""

    def assume_role(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        raise RuntimeError(f"{session_name} of {role_arn} in {scope.region}:\nthe table is gone")


@dataclass
class SlowCloud(FakeCloud):
    """Its STS answers when the test lets it."""

    asked: threading.Event = field(default_factory=threading.Event)
    answering: threading.Event = field(default_factory=threading.Event)

    def assume_role(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        self.asked.set()
        assert self.answering.wait(WAIT_SECONDS)
        return super().assume_role(scope, role_arn, session_name)


@pytest.fixture
def slow(emulator_url: str, tmp_path: Path) -> SlowCloud:
    return SlowCloud(emulator_url, tmp_path / "data")


def sleeping(name: str, bucket: str) -> dict[str, Any]:
    return training_request(name, bucket, HyperParameters={"behaviour": "sleep"})


def launched(name: str) -> bool:
    """Whether the thread that gives a job its instance is through."""
    return f"launch-{name}" not in [thread.name for thread in threading.enumerate()]


def refused(sagemaker: SageMaker, operation: str, request: dict[str, Any]) -> str:
    with pytest.raises(ApiError) as caught:
        sagemaker.call(SCOPE, operation, request)
    assert caught.value.code == "ValidationException"
    return str(caught.value.message)


def test_a_job_that_cannot_be_launched_fails_and_says_why(
    emulator_url: str, images: Images, bucket: str, tmp_path: Path
) -> None:
    sagemaker = SageMaker(BrokenCloud(emulator_url, tmp_path / "data"), images, QUICK)
    sagemaker.call(SCOPE, "CreateTrainingJob", training_request("broken", bucket))
    job = ended_job(sagemaker, "broken")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError: ")
    assert job["FailureReason"].endswith("in us-east-1: the table is gone")
    sagemaker.shutdown()


def test_an_instance_ends_and_says_so_when_its_event_cannot_be_handled(tmp_path: Path) -> None:
    ended = threading.Event()

    def unforeseen(_event: Event) -> None:
        raise RuntimeError("unforeseen")

    agent = Agent(assignment(tmp_path / "instance"), unforeseen, ended.set)
    assert ended.wait(WAIT_SECONDS)
    await_end(agent.pid)
    assert not (tmp_path / "instance").exists()


def test_a_job_is_stopped_before_it_has_an_instance(
    slow: SlowCloud, images: Images, bucket: str
) -> None:
    sagemaker = SageMaker(slow, images, QUICK)
    sagemaker.call(SCOPE, "CreateTrainingJob", sleeping("at-once", bucket))
    assert slow.asked.wait(WAIT_SECONDS)
    sagemaker.call(SCOPE, "StopTrainingJob", {"TrainingJobName": "at-once"})
    assert describe_job(sagemaker, "at-once")["TrainingJobStatus"] == "Stopping"
    slow.answering.set()
    job = ended_job(sagemaker, "at-once")
    assert job["TrainingJobStatus"] == "Stopped"
    stages = [each["Status"] for each in job["SecondaryStatusTransitions"]]
    assert stages == ["Starting", "Stopping", "Stopped"]
    assert not list(slow.data_directory.glob("instances/*"))
    sagemaker.shutdown()


def test_a_job_forgotten_by_a_reset_gets_no_instance(
    slow: SlowCloud, images: Images, bucket: str
) -> None:
    sagemaker = SageMaker(slow, images, QUICK)
    sagemaker.call(SCOPE, "CreateTrainingJob", sleeping("forgotten", bucket))
    assert slow.asked.wait(WAIT_SECONDS)
    sagemaker.reset()
    slow.answering.set()
    until(lambda: launched("forgotten"))
    assert not sagemaker._runs._agents
    assert not list(slow.data_directory.glob("instances/*"))
    sagemaker.shutdown()


def test_a_late_end_of_a_first_instance_leaves_the_second_of_that_name_alone(
    sagemaker: SageMaker, bucket: str
) -> None:
    agents = sagemaker._runs._agents
    found = []
    for _ in range(2):
        sagemaker.call(SCOPE, "CreateTrainingJob", sleeping("again", bucket))
        until(lambda: describe_job(sagemaker, "again")["SecondaryStatus"] == "Training")
        found.append(agents[describe_job(sagemaker, "again")["TrainingJobArn"]])
        if len(found) == 1:
            sagemaker.call(SCOPE, "StopTrainingJob", {"TrainingJobName": "again"})
            ended_job(sagemaker, "again")
            sagemaker.call(SCOPE, "DeleteTrainingJob", {"TrainingJobName": "again"})
    first, second = found
    assert first.wait(WAIT_SECONDS)
    first._on_end()
    job = describe_job(sagemaker, "again")
    assert job["TrainingJobStatus"] == "InProgress"
    assert agents[job["TrainingJobArn"]] is second
    sagemaker.call(SCOPE, "StopTrainingJob", {"TrainingJobName": "again"})
    assert ended_job(sagemaker, "again")["TrainingJobStatus"] == "Stopped"


@pytest.mark.parametrize("regex", ["accuracy=([0-9", "*", "a{99999999999}"])
def test_a_metric_definition_that_is_no_regular_expression_is_refused(
    sagemaker: SageMaker, bucket: str, regex: str
) -> None:
    request = training_request("metrics", bucket)
    request["AlgorithmSpecification"] |= {
        "TrainingImage": "plain:1",
        "MetricDefinitions": [{"Name": "validation:loss", "Regex": regex}],
    }
    said = refused(sagemaker, "CreateTrainingJob", request)
    assert "validation:loss" in said
    assert repr(regex) in said


def file_channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    return {"ChannelName": name, "InputMode": "File", "DataSource": source}


@pytest.mark.parametrize(
    ("names", "named"),
    [(("..",), "Channel ..:"), ((".",), "Channel .:"), (("train_0",), "Channel train_0:")],
)
def test_channels_that_could_not_stand_beside_each_other_are_refused(
    sagemaker: SageMaker, bucket: str, names: tuple[str, ...], named: str
) -> None:
    channels = [file_channel(name, f"s3://{bucket}/files") for name in names]
    channels.append(manifest_channel("train", f"s3://{bucket}/train.manifest"))
    request = training_request("names", bucket, InputDataConfig=channels)
    assert named in refused(sagemaker, "CreateTrainingJob", request)


def test_keys_that_are_a_file_and_a_directory_at_once_fail_the_job_by_name(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    for key in ("files/a", "files/a/b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    channels = [file_channel("both", f"s3://{bucket}/files")]
    request = training_request("both", bucket, InputDataConfig=channels)
    sagemaker.call(SCOPE, "CreateTrainingJob", request)
    reason = ended_job(sagemaker, "both")["FailureReason"]
    assert reason.startswith("ClientError: Data download failed: channel both: ")


@pytest.mark.parametrize(
    "token",
    [
        "MQ==",  # 1
        "bnVsbA==",  # null
        "WzFd",  # [1]
        "WyJ4IiwibmFtZSIsIkNyZWF0aW9uVGltZSIsZmFsc2Vd",  # ["x","name","CreationTime",false]
        "WzEsMiwiQ3JlYXRpb25UaW1lIixmYWxzZV0=",  # [1,2,"CreationTime",false]
    ],
)
def test_a_token_that_is_json_but_not_ours_is_refused(
    sagemaker: SageMaker, bucket: str, token: str
) -> None:
    sagemaker.call(SCOPE, "CreateTrainingJob", training_request("listed", bucket))
    assert refused(sagemaker, "ListTrainingJobs", {"NextToken": token}) == "Invalid NextToken."
    ended_job(sagemaker, "listed")
