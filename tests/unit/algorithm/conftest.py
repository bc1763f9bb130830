"""One real training job, whose log and model many tests look at."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.unit.algorithm.training_job import TrainingJob, photos, strings


class Finished(NamedTuple):
    """What a job left behind."""

    job: TrainingJob
    exit_code: int
    log: str


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A job of two epochs with 25 batches each, the last one incomplete."""
    root = tmp_path_factory.mktemp("training")
    job = TrainingJob(
        root / "ml",
        strings(num_training_samples=99, mini_batch_size=4, top_k=2, lr_scheduler_step="1"),
    )
    job.feed_epochs(2, train=photos(99))
    return Finished(job, *job.run())


@pytest.fixture
def job(tmp_path: Path) -> Iterator[TrainingJob]:
    """A job that nobody has started."""
    job = TrainingJob(tmp_path / "ml")
    yield job
    job.close()
