"""A whole training job (pipe, decoding, augmentation, step) against its bare training step."""

import json
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace
from statistics import mean, median
from typing import Any, Final

from benchmarks.desk import REPOSITORY, Desk
from benchmarks.figure import Figure
from benchmarks.models import client_of
from config.environments import LOCAL
from scripts.session import open_session
from scripts.training.history import TrainingHistory
from scripts.training.log import TrainingLog

LIMIT: Final = 0.9
_NAME: Final = "benchmark"
_REPEATED: Final = (
    *("HyperParameters", "RoleArn", "InputDataConfig", "OutputDataConfig"),
    *("ResourceConfig", "StoppingCondition"),
)


def measure(desk: Desk) -> list[Figure]:
    """Images a second of the demo's job, run again between two measurements of its bare step."""
    sagemaker = client_of(desk, "sagemaker")
    arn = desk.release["models"]["champion"]["training_job_arn"]
    job = sagemaker.describe_training_job(TrainingJobName=arn.rpartition("/")[2])
    before = _bare(job["HyperParameters"])
    first, *later = _epochs(desk, _run_again(sagemaker, job), job["HyperParameters"])
    # A machine's speed drifts, so the step is measured on both sides of the job.
    bare, whole = mean([before, _bare(job["HyperParameters"])]), median(later)
    return [
        Figure(
            what="training: the demo's job from its second epoch on / its bare training step",
            ours=f"{whole:.0f} images/s ({whole / bare:.0%})",
            peer=f"{bare:.0f} images/s",
            limit=f"{LIMIT:.0%}",
            held=whole >= LIMIT * bare,
        ),
        Figure(
            what="training: the demo's job, first epoch / its bare training step",
            ours=f"{first:.0f} images/s ({first / bare:.0%})",
            peer=f"{bare:.0f} images/s",
            limit="-",
            held=None,
        ),
    ]


def _run_again(sagemaker: Any, job: Mapping[str, Any]) -> str:
    """The name of a job like this one, once it has ended."""
    name = f"{_NAME}-{uuid.uuid4().hex[:8]}"
    algorithm = dict(job["AlgorithmSpecification"])
    algorithm.pop("MetricDefinitions", None)  # the image has its own
    sagemaker.create_training_job(
        **{member: job[member] for member in _REPEATED},
        TrainingJobName=name,
        AlgorithmSpecification=algorithm,
    )
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName=name, WaiterConfig={"Delay": 2, "MaxAttempts": 300})
    return name


def _epochs(desk: Desk, job: str, hyperparameters: Mapping[str, str]) -> list[float]:
    """Images a second of each epoch, by the job's own log."""
    samples = int(hyperparameters["num_training_samples"])
    session = open_session(replace(LOCAL, endpoint_url=desk.url))
    history = TrainingHistory(training_samples=samples)
    history.read(TrainingLog(session=session, job_name=job).new_lines())
    return [samples / epoch.seconds for epoch in history.epochs]


def _bare(hyperparameters: Mapping[str, str]) -> float:
    # In a process of its own: torch reads how its threads wait when it is imported.
    command = [sys.executable, "-m", "benchmarks.bare_step", json.dumps(dict(hyperparameters))]
    finished = subprocess.run(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True
    )
    return float(finished.stdout)
