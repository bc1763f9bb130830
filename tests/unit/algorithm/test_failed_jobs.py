"""Jobs that cannot be done end with the reason where the platform looks for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.algorithm.training_job import PIPED, TrainingJob, photo, photos, strings


@pytest.mark.parametrize(
    ("train_samples", "exit_code", "reason"),
    [
        ([], 1, "ClientError: Got empty batch from pipe."),
        (photos(7), 1, "ClientError: The number of input images must be bigger or equal to"),
        ([(b"text", "0")] * 8, 1, "ClientError: Image 1 in channel train cannot be decoded"),
        (
            [photo(0, 0, side=12)] * 8,
            1,
            "ClientError: Image 1 in channel train is 12 x 12 pixels, but image_shape 3,16,16",
        ),
    ],
    ids=["empty", "fewer than a batch", "no images", "small images"],
)
def test_data_that_cannot_be_trained_on_fails_the_job_with_a_reason(
    tmp_path: Path, train_samples: list[tuple[bytes, str]], exit_code: int, reason: str
) -> None:
    without_resize = {name: text for name, text in strings().items() if name != "resize"}
    job = TrainingJob(tmp_path / "ml", without_resize)
    job.feed_epochs(1, train=train_samples)
    assert job.run()[0] == exit_code
    assert job.failure.startswith(reason)
    assert job.stored == []


def test_an_unreadable_stream_ends_the_job_with_exit_code_2(job: TrainingJob) -> None:
    job.feed("train", 0, b"no recordio at all")
    exit_code, output = job.run()
    assert exit_code == 2
    assert job.failure == (
        "ClientError: Unable to parse record. Please make sure input data is in correct recordio "
        "format."
    )
    assert "Traceback" not in output


def test_a_learning_rate_that_diverges_fails_the_job(tmp_path: Path) -> None:
    job = TrainingJob(
        tmp_path / "ml", strings(optimizer="rmsprop", learning_rate=1, eps=0, gamma=0, epochs=1)
    )
    # One class is soon certain; then the gradient is 0, and rmsprop divides it by its own root.
    job.feed_epochs(1, train=[photo(1, 1)] * 48)
    exit_code, output = job.run()
    assert exit_code == 1, output
    assert "diverged" in job.failure
    assert "lower than 1" in job.failure


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mini_batch_siz": "4"}, "did you mean mini_batch_size"),
        ({"learning_rate": "7"}, "learning_rate is '7'"),
        (
            {"use_pretrained_model": "1", "image_shape": "3,224,224", "num_layers": "50"},
            "use_pretrained_model=1 is not supported by it",
        ),
        ({"multi_label": "1"}, "multi_label=1 is not supported by this image"),
        ({"precision_dtype": "float16"}, "precision_dtype=float16 is not supported"),
        ({"augmentation_type": "crop_color"}, "augmentation_type=crop_color is not supported"),
    ],
)
def test_a_hyperparameter_that_is_wrong_or_not_honoured_is_refused_by_name(
    tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    chosen = {name: text for name, text in strings().items() if name != "resize"} | changes
    job = TrainingJob(tmp_path / "ml", chosen)
    assert job.run()[0] == 1
    assert job.failure.startswith("ClientError: ")
    assert reason in job.failure


def test_several_instances_are_refused(job: TrainingJob) -> None:
    job.layout.resources.write_text(json.dumps({"hosts": ["algo-1", "algo-2"]}))
    assert job.run()[0] == 1
    assert "set InstanceCount=1" in job.failure


def test_file_mode_is_refused_by_name(tmp_path: Path) -> None:
    settings = {**PIPED, "TrainingInputMode": "File"}
    job = TrainingJob(tmp_path / "ml", channels={"train": settings, "validation": settings})
    assert job.run()[0] == 1
    assert "only Pipe mode augmented manifests" in job.failure


def test_a_container_without_a_job_says_what_is_missing(tmp_path: Path) -> None:
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(tmp_path)}
    process = subprocess.run(
        [sys.executable, "-m", "algorithm", "train"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert "hyperparameters.json does not exist" in (tmp_path / "output/failure").read_text()


def test_an_unknown_command_is_a_usage_error() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "algorithm", "tune"], capture_output=True, text=True, check=False
    )
    assert process.returncode == 2
    assert "usage: python -m algorithm train | serve" in process.stderr
