"""Training jobs as real processes with real FIFOs."""

import contextlib
import hashlib
import itertools
import json
from typing import Any

import psutil
import pytest

from local.sagemaker.errors import ApiError
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.conftest import QUICK, Start
from tests.local.sagemaker.emulator import FORBIDDEN_ROLE, SCOPE, FakeCloud, client
from tests.local.sagemaker.requests import (
    describe_job,
    ended_job,
    manifest_channel,
    put_manifest,
    training_request,
    unpacked,
    until,
)

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


def digests(images: list[bytes]) -> list[str]:
    """What the container reports of one epoch: image, label, image, label."""
    parts = [
        part for number, image in enumerate(images) for part in (image, str(number % 3).encode())
    ]
    return [hashlib.sha256(part).hexdigest() for part in parts]


def run(sagemaker: SageMaker, request: dict[str, Any]) -> dict[str, Any]:
    sagemaker.call(SCOPE, "CreateTrainingJob", request)
    return ended_job(sagemaker, request["TrainingJobName"])


def behaving(name: str, bucket: str, behaviour: str, **given: str) -> dict[str, Any]:
    return training_request(name, bucket, HyperParameters={"behaviour": behaviour, **given})


def command_lines() -> list[str]:
    """Of every process there is: an orphan is nobody's child."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found.append(" ".join(process.cmdline()))
    return found


def in_stage(sagemaker: SageMaker, name: str, stage: str) -> None:
    until(lambda: describe_job(sagemaker, name)["SecondaryStatus"] == stage)


def test_every_epoch_streams_the_manifest_in_order(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    train, train_images = put_manifest(s3, bucket, "train", 40, size=5000)
    validation, validation_images = put_manifest(s3, bucket, "validation", 7)
    job = run(
        sagemaker,
        training_request(
            "streams",
            bucket,
            HyperParameters={"epochs": "3"},
            InputDataConfig=[
                manifest_channel("train", train),
                manifest_channel("validation", validation),
            ],
        ),
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert (
        job["ModelArtifacts"]["S3ModelArtifacts"]
        == f"s3://{bucket}/out/streams/output/model.tar.gz"
    )
    report = json.loads(unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"])
    assert report["seen"] == {
        "train": [digests(train_images)] * 3,
        "validation": [digests(validation_images)] * 3,
    }


def test_a_shuffle_seed_gives_each_epoch_an_order_of_its_own_and_every_job_the_same(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    uri, images = put_manifest(s3, bucket, "train", 30)
    channel = manifest_channel("train", uri, ShuffleConfig={"Seed": 7})
    orders = []
    for name in ("shuffled-1", "shuffled-2"):
        job = run(
            sagemaker,
            training_request(
                name, bucket, HyperParameters={"epochs": "2"}, InputDataConfig=[channel]
            ),
        )
        artifact = unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])
        orders.append(json.loads(artifact["report.json"])["seen"]["train"])
    first, second = orders[0]
    assert orders[0] == orders[1]
    assert first != second
    assert sorted(first) == sorted(second) == sorted(digests(images))
    # A label stays beside its image.
    expected = digests(images)
    pairs = set(zip(expected[::2], expected[1::2], strict=True))
    assert set(zip(first[::2], first[1::2], strict=True)) == pairs


def test_a_completed_job_tells_its_history(
    sagemaker: SageMaker, cloud: FakeCloud, s3: Any, bucket: str
) -> None:
    uri, _ = put_manifest(s3, bucket, "train", 5)
    job = run(
        sagemaker,
        training_request(
            "history",
            bucket,
            HyperParameters={"epochs": "2"},
            Environment={"MY_VARIABLE": "mine"},
            InputDataConfig=[manifest_channel("train", uri)],
            Tags=[{"Key": "team", "Value": "blue"}],
        ),
    )
    transitions = job["SecondaryStatusTransitions"]
    statuses = [each["Status"] for each in transitions]
    assert statuses == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    told = [detail for _, resources, detail in cloud.events if resources == [job["TrainingJobArn"]]]
    assert list(dict.fromkeys(each["SecondaryStatus"] for each in told)) == statuses
    assert [each["TrainingJobStatus"] for each in told][-2:] == ["InProgress", "Completed"]
    assert told[-1]["CreationTime"] == str(round(job["CreationTime"] * 1000))
    for earlier, later in itertools.pairwise(transitions):
        assert earlier["EndTime"] == later["StartTime"]
    assert job["TrainingStartTime"] <= job["TrainingEndTime"]
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] >= 1
    final = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
    assert final == {"validation:accuracy": 0.91, "train:accuracy": 0.51}
    assert job["AlgorithmSpecification"]["MetricDefinitions"][0]["Name"] == "validation:accuracy"
    assert "FailureReason" not in job
    report = json.loads(unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"])
    assert report["environment"]["MY_VARIABLE"] == "mine"
    assert report["environment"]["TRAINING_JOB_NAME"] == "history"
    assert report["environment"]["TRAINING_JOB_ARN"] == job["TrainingJobArn"]
    tags = sagemaker.call(SCOPE, "ListTags", {"ResourceArn": job["TrainingJobArn"]})
    assert tags == {"Tags": [{"Key": "team", "Value": "blue"}]}


def test_logs_and_metrics_are_in_cloudwatch_when_the_job_is_completed(
    sagemaker: SageMaker, bucket: str, emulator_url: str
) -> None:
    run(sagemaker, training_request("logged", bucket, HyperParameters={"epochs": "2"}))
    assert _log_messages(sagemaker, "logged") == [
        "Epoch[0] Batch [20]#011Speed: 1.0 samples/sec#011accuracy=0.50",
        "Epoch[0] Validation-accuracy=0.90",
        "Epoch[1] Batch [20]#011Speed: 1.0 samples/sec#011accuracy=0.51",
        "Epoch[1] Validation-accuracy=0.91",
    ]
    statistics = client("cloudwatch", emulator_url).get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="validation:accuracy",
        Dimensions=[{"Name": "TrainingJobName", "Value": "logged"}],
        StartTime=0,
        EndTime=4_000_000_000,
        Period=4_000_000_000 - 4_000_000_000 % 60,
        Statistics=["SampleCount", "Maximum"],
    )["Datapoints"]
    assert sum(each["SampleCount"] for each in statistics) == 2
    assert max(each["Maximum"] for each in statistics) == 0.91


def test_a_file_channel_is_downloaded_with_its_prefix_stripped(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    for key in ("seed/model/a.txt", "seed/model/deep/b.txt", "other/c.txt"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/seed/model"}
    channel = {
        "ChannelName": "model",
        "InputMode": "File",
        "DataSource": {"S3DataSource": source},
    }
    job = run(sagemaker, training_request("files", bucket, InputDataConfig=[channel]))
    report = json.loads(unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"])
    assert report["files"] == ["model/a.txt", "model/deep/b.txt"]


def test_output_data_is_uploaded_beside_the_model(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    run(sagemaker, training_request("output", bucket, HyperParameters={"output": "more"}))
    extra = unpacked(s3, f"s3://{bucket}/out/output/output/output.tar.gz")
    assert extra == {"extra.txt": b"more"}


def test_a_channel_closed_early_or_never_opened_hangs_nothing(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    train, _ = put_manifest(s3, bucket, "train", 300, size=5000)
    unused, _ = put_manifest(s3, bucket, "unused", 3)
    request = behaving("early", bucket, "close-early")
    request["InputDataConfig"] = [
        manifest_channel("train", train),
        manifest_channel("validation", unused),
    ]
    job = run(sagemaker, request)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    report = json.loads(unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"])
    assert report == {"count": 600}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"failure": "ClientError: bad label 7"}, "ClientError: bad label 7"),
        ({"failure": "boom"}, "AlgorithmError: boom"),
        ({"failure": "ClientError: " + "x" * 2000}, ("ClientError: " + "x" * 2000)[:1024]),
        ({"code": "42"}, "AlgorithmError: the container wrote no output/failure, exit code: 42"),
    ],
)
def test_a_failed_container_gives_the_reason(
    sagemaker: SageMaker, bucket: str, given: dict[str, str], reason: str
) -> None:
    job = run(sagemaker, behaving("failing", bucket, "fail", **given))
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"] == reason
    assert "ModelArtifacts" not in job


def test_a_container_killed_from_outside_fails_the_job_with_its_signal(
    sagemaker: SageMaker, bucket: str
) -> None:
    job = run(sagemaker, behaving("crashing", bucket, "crash"))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].endswith("exit code: 137")


def test_what_a_container_leaves_behind_ends_with_it(sagemaker: SageMaker, bucket: str) -> None:
    assert run(sagemaker, behaving("spawning", bucket, "spawn"))["TrainingJobStatus"] == "Completed"
    assert not [each for each in command_lines() if "sleep(631)" in each]


def test_a_stopped_job_keeps_what_it_saved_on_sigterm(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    sagemaker.call(SCOPE, "CreateTrainingJob", behaving("stopped", bucket, "sleep"))
    until(lambda: bool(_log_messages(sagemaker, "stopped")))
    sagemaker.call(SCOPE, "StopTrainingJob", {"TrainingJobName": "stopped"})
    assert describe_job(sagemaker, "stopped")["TrainingJobStatus"] in ("Stopping", "Stopped")
    job = ended_job(sagemaker, "stopped")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    files = unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert files == {"saved.txt": b"saved on SIGTERM"}
    with pytest.raises(ApiError, match="is in status Stopped"):
        sagemaker.call(SCOPE, "StopTrainingJob", {"TrainingJobName": "stopped"})


def test_a_container_that_ignores_sigterm_is_killed_after_its_grace(
    start: Start, bucket: str
) -> None:
    from dataclasses import replace

    sagemaker = start(replace(QUICK, training_stop_grace_seconds=0.3))
    sagemaker.call(SCOPE, "CreateTrainingJob", behaving("stubborn", bucket, "stubborn"))
    until(lambda: bool(_log_messages(sagemaker, "stubborn")))
    sagemaker.call(SCOPE, "StopTrainingJob", {"TrainingJobName": "stubborn"})
    job = ended_job(sagemaker, "stubborn")
    assert job["TrainingJobStatus"] == "Stopped"
    assert "ModelArtifacts" not in job


def test_a_job_over_its_maximum_runtime_is_stopped_not_failed(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    request = behaving("overtime", bucket, "sleep")
    request["StoppingCondition"] = {"MaxRuntimeInSeconds": 1}
    job = run(sagemaker, request)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert "saved.txt" in unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])


def test_missing_input_fails_the_job_and_is_named(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    s3.put_object(
        Bucket=bucket,
        Key="broken.manifest",
        Body=json.dumps({"source-ref": f"s3://{bucket}/absent.png", "class": 0}).encode(),
    )
    for name, uri, missing in (
        ("no-manifest", f"s3://{bucket}/absent.manifest", "absent.manifest"),
        ("no-object", f"s3://{bucket}/broken.manifest", "absent.png"),
        ("no-bucket", "s3://no-such-bucket-at-all/a.manifest", "no-such-bucket-at-all"),
    ):
        request = training_request(name, bucket, InputDataConfig=[manifest_channel("train", uri)])
        job = run(sagemaker, request)
        assert job["TrainingJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("ClientError: Data download failed:"), job
        assert missing in job["FailureReason"]
        assert "s3:GetObject" in job["FailureReason"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json}", "line 1 of"),
        ('{"source-ref": "s3://b/k"}', 'no attribute "class"'),
        ('{"source-ref": "k.png", "class": 1}', "not an S3 URI"),
        ("", "has no samples"),
    ],
)
def test_a_bad_manifest_fails_the_job_and_says_where(
    sagemaker: SageMaker, s3: Any, bucket: str, line: str, said: str
) -> None:
    s3.put_object(Bucket=bucket, Key="bad.manifest", Body=line.encode())
    channel = manifest_channel("train", f"s3://{bucket}/bad.manifest")
    job = run(sagemaker, training_request("bad", bucket, InputDataConfig=[channel]))
    assert job["TrainingJobStatus"] == "Failed"
    assert said in job["FailureReason"]


def test_an_output_that_cannot_be_written_fails_the_job(sagemaker: SageMaker, bucket: str) -> None:
    request = training_request("nowhere", bucket)
    request["OutputDataConfig"] = {"S3OutputPath": "s3://no-such-bucket-at-all/out"}
    job = run(sagemaker, request)
    assert job["TrainingJobStatus"] == "Failed"
    assert "s3:PutObject on s3://no-such-bucket-at-all/out/nowhere" in job["FailureReason"]


def test_an_unknown_image_a_program_that_is_not_there_and_a_forbidden_role_fail_the_job(
    sagemaker: SageMaker, bucket: str
) -> None:
    for name, image, role, said in (
        ("no-image", "unknown:1", None, "Cannot find the image unknown:1"),
        ("no-program", "absent-program:1", None, "/nonexistent/program"),
        ("no-role", None, FORBIDDEN_ROLE, "unable to assume the role"),
    ):
        request = training_request(name, bucket)
        if image:
            request["AlgorithmSpecification"]["TrainingImage"] = image
        if role:
            request["RoleArn"] = role
        job = run(sagemaker, request)
        assert job["TrainingJobStatus"] == "Failed"
        assert said in job["FailureReason"]


def test_a_job_whose_instance_is_killed_fails_and_its_container_dies(
    sagemaker: SageMaker, bucket: str
) -> None:
    sagemaker.call(SCOPE, "CreateTrainingJob", behaving("orphan", bucket, "sleep"))
    until(lambda: bool(_log_messages(sagemaker, "orphan")))
    arn = describe_job(sagemaker, "orphan")["TrainingJobArn"]
    agent = psutil.Process(sagemaker._runs._agents[arn].pid)
    (container,) = agent.children()
    agent.kill()
    job = ended_job(sagemaker, "orphan")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError: ")
    until(lambda: not container.is_running())


def test_a_restart_fails_the_jobs_that_were_running(start: Start, bucket: str) -> None:
    before = start()
    before.call(SCOPE, "CreateTrainingJob", behaving("interrupted", bucket, "sleep"))
    in_stage(before, "interrupted", "Training")
    state = json.loads(json.dumps(before.snapshot()))
    before.shutdown()
    after = start()
    after.restore(state)
    job = describe_job(after, "interrupted")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError: the local cloud stopped")


def test_names_are_taken_until_the_job_is_deleted(sagemaker: SageMaker, bucket: str) -> None:
    run(sagemaker, training_request("taken", bucket))
    with pytest.raises(ApiError) as caught:
        sagemaker.call(SCOPE, "CreateTrainingJob", training_request("Taken", bucket))
    assert caught.value.code == "ResourceInUse"
    sagemaker.call(SCOPE, "DeleteTrainingJob", {"TrainingJobName": "taken"})
    with pytest.raises(ApiError, match="Requested resource not found") as caught:
        describe_job(sagemaker, "taken")
    assert caught.value.code == "ResourceNotFound"
    assert run(sagemaker, training_request("taken", bucket))["TrainingJobStatus"] == "Completed"


def test_equal_models_make_equal_artifacts(sagemaker: SageMaker, s3: Any, bucket: str) -> None:
    bodies = []
    for output in ("a", "b"):
        request = training_request("same", bucket)
        request["OutputDataConfig"] = {"S3OutputPath": f"s3://{bucket}/{output}"}
        run(sagemaker, request)
        key = f"{output}/same/output/model.tar.gz"
        bodies.append(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        sagemaker.call(SCOPE, "DeleteTrainingJob", {"TrainingJobName": "same"})
    assert bodies[0] == bodies[1]


def _log_messages(sagemaker: SageMaker, job: str) -> list[str]:
    logs = client("logs", sagemaker._platform.cloud.endpoint_url)
    try:
        streams = logs.describe_log_streams(
            logGroupName=LOG_GROUP, logStreamNamePrefix=f"{job}/algo-1-"
        )["logStreams"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName=LOG_GROUP, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]
