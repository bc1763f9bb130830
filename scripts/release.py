"""`darkroom release`: a finished training job becomes the model in a release file."""

from dataclasses import dataclass, replace

import click

from algorithm.contract.hyperparameters import parse
from config.environments import environment
from config.release import Release, ReleasedModel, check_fit, read_release, release_file
from scripts import console, options
from scripts.artifact import keep
from scripts.cdk import REPOSITORY
from scripts.errors import Refused
from scripts.files import write_atomically
from scripts.follow import training_history
from scripts.outputs import stack_outputs
from scripts.session import Session, open_session
from scripts.stored_dataset import stored_dataset
from scripts.training_job import TrainingJob, find_training_job
from scripts.training_request import image_of


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a release file said before, and what it says now."""

    before: Release | None
    after: Release

    @property
    def unchanged(self) -> bool:
        return self.before == self.after


def release(environment_name: str, training_job_name: str) -> Change:
    """Make the job's model the environment's champion, in its release file.

    The artifact is read whole: its digest and format are what was found, not what was claimed.
    Raises Refused for a job that is unknown, unfinished or failed, or whose artifact is missing;
    the release file is then as it was.
    """
    settings = environment(environment_name)
    session = open_session(settings)
    session.check_account()
    model = _released_model(session, _completed_job(session, training_job_name))
    check_fit(model, settings.name, settings.algorithm, image_of(settings))
    before = read_release(settings.name)
    if before is None:
        after = Release(
            environment=settings.name, models={"champion": model}, weights={"champion": 1.0}
        )
    else:
        after = replace(before, models={**before.models, "champion": model})
    if after != before:
        write_atomically(release_file(settings.name), after.to_json().encode())
    return Change(before=before, after=after)


def _completed_job(session: Session, name: str) -> TrainingJob:
    job = find_training_job(session, name)
    environment_name = session.settings.name
    if job is None:
        raise Refused(
            f"training job {name} does not exist in environment {environment_name}; "
            f"`darkroom train --env {environment_name}` prints the name of the one it ran"
        )
    if not job.finished:
        raise Refused(
            f"training job {name} is still {job.status} ({job.secondary_status}); follow it with "
            f"`darkroom train --env {environment_name}`, then release it"
        )
    if job.status != "Completed":
        raise Refused(
            f"training job {name} ended {job.status}: "
            f"{job.failure_reason or job.status_message or 'no reason given'}; "
            "train again and release that job"
        )
    return job


def _released_model(session: Session, job: TrainingJob) -> ReleasedModel:
    dataset_id = job.dataset_id
    best = training_history(session, job).best
    if best is None:
        raise Refused(
            f"the log of training job {job.name} in /aws/sagemaker/TrainingJobs tells no "
            "validation accuracy, and a model without one is not released; train again"
        )
    dataset = stored_dataset(session, job.dataset_bucket, dataset_id)
    artifact = keep(session, job.artifact_url or "", stack_outputs(session).artifacts_bucket)
    return ReleasedModel(
        training_job_name=job.name,
        training_job_arn=job.arn,
        image=job.image,
        model_data_url=artifact.url,
        artifact_sha256=artifact.sha256,
        artifact_size_bytes=artifact.size_bytes,
        artifact_format=artifact.format,
        class_names=dataset.classes,
        image_shape=str(parse(job.hyperparameters).image_shape),
        dataset_id=dataset.id,
        hyperparameters=dict(job.hyperparameters),
        metrics={
            "validation_accuracy": best.validation_accuracy,
            "train_accuracy": best.train_accuracy,
            "best_epoch": best.number,
        },
    )


@click.command("release")
@click.argument("training_job_name", metavar="JOB")
@options.environment
@options.as_json
def command(training_job_name: str, environment_name: str, as_json: bool) -> None:
    """Make the model of training job JOB the one that the environment deploys.

    Writes config/releases/<env>.json; for dev and prod, commit it: the release is its diff.
    """
    change = release(environment_name, training_job_name)
    model = change.after.models["champion"]
    previous = change.before.models["champion"] if change.before else None
    console.result(
        {
            "release_file": str(release_file(environment_name).resolve().relative_to(REPOSITORY)),
            "champion": model.training_job_name,
            "validation_accuracy": model.metrics["validation_accuracy"],
            "replaces": previous.training_job_name if previous else "-",
            "its_validation_accuracy": (
                previous.metrics["validation_accuracy"] if previous else "-"
            ),
            "model_data": model.model_data_url,
            "artifact_format": model.artifact_format,
            "changed": not change.unchanged,
        },
        as_json=as_json,
    )
    console.next_step(f"darkroom deploy --env {environment_name}")
