"""What a finished training job has made: a model as a release file would name it."""

import math

from algorithm.contract.artifact import ArtifactError
from algorithm.contract.hyperparameters import parse
from config.release import ReleasedModel
from scripts.archive import UnsafeArchive
from scripts.artifact import Artifact, model_data_url
from scripts.artifact_contents import Contents
from scripts.datasets.stored import stored_dataset
from scripts.errors import Refused
from scripts.session import Session
from scripts.training.follow import training_history
from scripts.training.history import Epoch
from scripts.training.job import TrainingJob, find_training_job


def completed_job(session: Session, name: str) -> TrainingJob:
    """The job of that name. Raises Refused when it is unknown, unfinished or failed."""
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


def trained_model(
    session: Session, job: TrainingJob, artifact: Artifact, bucket: str
) -> ReleasedModel:
    """The job's model, with its artifact where `bucket` is going to keep it.

    Digest, size and format are the artifact's own. Raises Refused for a job whose log tells no
    accuracy, whose dataset is gone, or whose artifact is not this algorithm's.
    """
    best = training_history(session, job).best
    if best is None:
        raise Refused(
            f"the log of training job {job.name} in /aws/sagemaker/TrainingJobs tells no "
            "validation accuracy, and a model without one is not released; train again"
        )
    dataset = stored_dataset(session, job.dataset_bucket, job.dataset_id)
    return ReleasedModel(
        training_job_name=job.name,
        training_job_arn=job.arn,
        image=job.image,
        model_data_url=model_data_url(bucket, artifact.sha256),
        artifact_sha256=artifact.sha256,
        artifact_size_bytes=artifact.size_bytes,
        artifact_format=_contents(artifact).format,
        class_names=dataset.classes,
        image_shape=str(parse(job.hyperparameters).image_shape),
        dataset_id=dataset.id,
        hyperparameters=dict(job.hyperparameters),
        metrics=_metrics(best),
    )


def _metrics(best: Epoch) -> dict[str, float]:
    """Of the epoch whose model is kept; what its log does not tell is left out."""
    told = {
        "validation_accuracy": best.validation_accuracy,
        "train_accuracy": best.train_accuracy,
        "best_epoch": best.number,
    }
    return {name: value for name, value in told.items() if math.isfinite(value)}


def _contents(artifact: Artifact) -> Contents:
    try:
        return artifact.contents
    except UnsafeArchive as error:
        raise Refused(f"the model artifact {artifact.url}: {error}; train again") from error
    except ArtifactError as error:
        raise Refused(f"{artifact.url}: {error}; release a job of that algorithm") from error
