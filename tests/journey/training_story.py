"""From photos to trained models, as an engineer makes them; and a job that dies midway."""

import json
from pathlib import Path
from typing import Any

import psutil

from tests.journey.operator import Operator


def prepares_once_and_uploads_nothing_twice(operator: Operator) -> Any:
    operator.gets("python", "-m", "examples.digits", "photos")
    first = operator.gets_json("darkroom", "prepare", "photos", "--env", "local")
    again = operator.gets_json("darkroom", "prepare", "photos", "--env", "local")
    assert first["dataset_id"] == again["dataset_id"]
    assert first["uploaded_images"] > 1700
    assert again["uploaded_images"] == 0
    assert len(first["rejected"]) == 3
    return first


def trains(operator: Operator, choices: tuple[str, ...], accuracy: float) -> Any:
    words = ("darkroom", "train", "--env", "local", *choices)
    trained = operator.gets_json(*words)
    assert trained["validation_accuracy"] >= accuracy
    assert Path(trained["plot"]).is_file()
    again = operator.gets_json(*words)
    assert again["reused"]
    assert again["training_job_name"] == trained["training_job_name"]
    waiter = operator.client("sagemaker").get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName=trained["training_job_name"])
    return trained


def a_training_job_killed_midway_ends_failed(operator: Operator) -> None:
    request = json.loads(
        operator.gets("darkroom", "train", "--env", "local", "--set", "epochs=500", "--dry-run")
    )
    name = request["training_job_name"]
    following = operator.starts("darkroom", "train", "--env", "local", "--set", "epochs=500")
    operator.waits_until_it_logs(name, "Epoch[0] Validation-accuracy")
    unfinished = operator.is_refused("darkroom", "release", name, "--env", "local")
    assert "is still InProgress" in unfinished
    container = next(
        process
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"]
        and process.info["cmdline"][-2:] == ["algorithm", "train"]
        and operator.owns(process)
    )
    container.kill()
    _, progress = following.communicate(timeout=120)
    assert following.returncode == 1
    assert f"training job {name} ended Failed: AlgorithmError" in progress.splitlines()[-1]
    job = operator.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "Failed"
    refusal = operator.is_refused("darkroom", "release", name, "--env", "local")
    assert "ended Failed: AlgorithmError" in refusal
