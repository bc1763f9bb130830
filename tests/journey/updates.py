"""Updates that do not go as planned: a model that does not start, and Ctrl-C in the middle."""

import hashlib
import json
import os
import signal
import time
from typing import Any

from tests.journey.operator import Operator
from tests.journey.people import People
from tests.journey.release_story import REALTIME, what_runs

LOCAL = ("--env", "local")


def an_update_that_goes_wrong_is_told_and_undone(people: People, trained: Any) -> None:
    """Half an artifact is released: all that can be checked beforehand is right about it."""
    engineer, pipeline = people.engineer, people.pipeline
    before = what_runs(pipeline)
    releases_half_an_artifact(engineer)
    refusal = pipeline.is_refused("darkroom", "deploy", *LOCAL, "--yes")
    assert "stack darkroom-local-serving is UPDATE_ROLLBACK_COMPLETE" in refusal
    assert "not a gzip-compressed tar archive" in refusal
    assert f"{REALTIME} is InService" in refusal
    assert what_runs(pipeline) == before
    assert not engineer.gets_json("darkroom", "status", *LOCAL)["in_step"]
    # The release file names a model that does not run, so an answer would have no names yet.
    photo = str(max(engineer.folder.glob("photos/*/*.png")))
    assert "but the release file names" in engineer.is_refused("darkroom", "invoke", photo, *LOCAL)
    engineer.gets("darkroom", "release", trained["training_job_name"], *LOCAL)
    assert engineer.gets_json("darkroom", "status", *LOCAL)["in_step"]
    answer = engineer.gets_json("darkroom", "invoke", photo, *LOCAL)
    assert answer["model"] == trained["training_job_name"]


def releases_half_an_artifact(engineer: Operator) -> None:
    """By hand, in the release file: `darkroom release` would not take it."""
    file = engineer.folder / "config" / "releases" / "local.json"
    release = json.loads(file.read_text(encoding="utf-8"))
    champion = release["models"]["champion"]
    bucket, _, key = champion["model_data_url"].removeprefix("s3://").partition("/")
    s3 = engineer.client("s3")
    sound = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    half = sound[: len(sound) // 2]
    digest = hashlib.sha256(half).hexdigest()
    key = f"models/{digest}/model.tar.gz"
    s3.put_object(Bucket=bucket, Key=key, Body=half, ChecksumAlgorithm="SHA256")
    champion |= {
        "model_data_url": f"s3://{bucket}/{key}",
        "artifact_sha256": digest,
        "artifact_size_bytes": len(half),
    }
    file.write_text(json.dumps(release), encoding="utf-8")


def a_deployment_is_interrupted_and_repeated(people: People) -> None:
    """CloudFormation goes on without the one who typed Ctrl-C; the same words then end it."""
    pipeline = people.pipeline
    deploying = pipeline.starts("darkroom", "deploy", *LOCAL, "--yes")
    waits_until_it_updates(pipeline)
    os.killpg(deploying.pid, signal.SIGINT)
    _, said = deploying.communicate(timeout=60)
    assert deploying.returncode == 130, said
    assert "CloudFormation goes on with stack darkroom-local-serving" in said
    assert "Traceback" not in said
    repeated = pipeline.gets_json("darkroom", "deploy", *LOCAL, "--yes")
    assert {stack["effect"] for stack in repeated["plan"]["stacks"]} == {"nothing"}
    assert repeated["proof"]["differences"] == []


def waits_until_it_updates(someone: Operator, seconds: float = 120) -> None:
    sagemaker = someone.client("sagemaker")
    give_up = time.monotonic() + seconds
    while sagemaker.describe_endpoint(EndpointName=REALTIME)["EndpointStatus"] != "Updating":
        assert time.monotonic() < give_up, f"{REALTIME} was not updated within {seconds} seconds"
        time.sleep(0.1)
