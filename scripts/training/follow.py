"""Following a training job to its end, live: status, epochs, accuracies, speed."""

import time
from typing import Final

from algorithm.contract.hyperparameters import parse
from scripts import console
from scripts.errors import Refused
from scripts.session import Session
from scripts.training.history import Epoch, TrainingHistory
from scripts.training.job import TrainingJob, find_training_job
from scripts.training.log import TrainingLog

_POLL_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 10.0


def training_history(session: Session, job: TrainingJob) -> TrainingHistory:
    """The epochs of a job as its log tells them; of a completed job, all of them."""
    log = TrainingLog(session=session, job_name=job.name)
    history = TrainingHistory(training_samples=int(job.hyperparameters["num_training_samples"]))
    history.read(log.new_lines())
    _settle(job, log, history)
    return history


def _settle(job: TrainingJob, log: TrainingLog, history: TrainingHistory) -> None:
    """Wait for the last lines of a completed job: CloudWatch Logs stores them some seconds late.

    They are all there once every epoch is; a job that stopped early has fewer, and its log has
    ended when nothing came for a while.
    """
    if job.status != "Completed":
        return
    epochs = parse(job.hyperparameters).epochs
    quiet_since = time.monotonic()
    while len(history.epochs) < epochs and time.monotonic() - quiet_since < _QUIET_SECONDS:
        time.sleep(_POLL_SECONDS)
        lines = list(log.new_lines())
        if lines:
            quiet_since = time.monotonic()
        history.read(lines)


def follow(session: Session, name: str) -> tuple[TrainingJob, TrainingHistory]:
    """Print a job's progress on stderr until it has ended; the job and its epochs.

    Interrupting this does not stop the job. Raises Refused when the job vanishes.
    """
    job = _job(session, name)
    log = TrainingLog(session=session, job_name=name)
    history = TrainingHistory(training_samples=int(job.hyperparameters["num_training_samples"]))
    epochs = parse(job.hyperparameters).epochs
    told_status, told_epochs = "", 0
    with console.epoch_progress() as progress:
        bar = progress.add_task("", total=epochs)
        while True:
            job = _job(session, name)
            history.read(log.new_lines())
            if job.finished:
                _settle(job, log, history)
            validated = history.epochs
            for epoch in validated[told_epochs:]:
                console.say(_sentence(epoch, epochs, history))
            told_epochs = len(validated)
            if job.status_message and job.status_message != told_status:
                told_status = job.status_message
                console.say(f"{job.secondary_status}: {told_status}")
            progress.update(bar, description=_now(job, history), completed=told_epochs)
            if job.finished:
                return job, history
            time.sleep(_POLL_SECONDS)


def _job(session: Session, name: str) -> TrainingJob:
    job = find_training_job(session, name)
    if job is None:
        raise Refused(
            f"training job {name} does not exist in environment {session.settings.name}; "
            "it was deleted, or the name is wrong"
        )
    return job


def _sentence(epoch: Epoch, epochs: int, history: TrainingHistory) -> str:
    speed = history.training_samples / epoch.seconds if epoch.seconds > 0 else 0.0
    return (
        f"epoch {epoch.number} of {epochs}: training {epoch.train_accuracy:.4f}, "
        f"validation {epoch.validation_accuracy:.4f}"
        f"{', best so far' if epoch.best_so_far else ''} ({speed:.0f} images/s)"
    )


def _now(job: TrainingJob, history: TrainingHistory) -> str:
    speed = history.samples_per_second
    rate = f", {speed:.0f} images/s" if speed is not None else ""
    return f"{job.secondary_status.lower()}{rate}"
