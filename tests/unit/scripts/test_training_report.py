"""What a finished job leaves on paper."""

import json
from pathlib import Path

from PIL import Image

from algorithm.contract.metrics import TimeCost, TrainAccuracy, ValidationAccuracy
from scripts.training.history import TrainingHistory
from scripts.training.job import TrainingJob
from scripts.training.report import draw, write_report

JOB = TrainingJob(
    name="darkroom-local-0123",
    arn="arn:aws:sagemaker:us-east-1:000000000000:training-job/darkroom-local-0123",
    status="Completed",
    secondary_status="Completed",
    status_message="Training job completed",
    failure_reason=None,
    image="image",
    artifact_url="s3://artifacts/training/model.tar.gz",
    hyperparameters={"epochs": "2"},
    manifests={"train": "s3://datasets/datasets/0123/train/train.manifest"},
    billable_seconds=7,
)


def history() -> TrainingHistory:
    found = TrainingHistory(training_samples=10)
    for epoch, (train, validation) in enumerate([(0.5, 0.75), (0.9, 0.97)]):
        found.read(
            [
                str(TrainAccuracy(epoch=epoch, accuracy=train)),
                str(TimeCost(epoch=epoch, seconds=1.5)),
                str(ValidationAccuracy(epoch=epoch, accuracy=validation)),
            ]
        )
    return found


def test_a_report_holds_the_metrics_the_run_and_the_plot_in_two_formats(tmp_path: Path) -> None:
    plot = write_report(tmp_path, JOB, history())
    assert plot == tmp_path / "accuracy.png"
    with Image.open(plot) as picture:
        assert picture.width > 800
    assert "best: 97.00 %" in (tmp_path / "accuracy.svg").read_text(encoding="utf-8")
    assert (tmp_path / "metrics.csv").read_text(encoding="utf-8").splitlines() == [
        "epoch,train_accuracy,validation_accuracy,seconds",
        "1,0.5,0.75,1.5",
        "2,0.9,0.97,1.5",
    ]
    run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert run["best_epoch"] == 2
    assert run["dataset_id"] == "0123"


def test_the_plot_is_drawn_again_from_the_files_alone_byte_for_byte(tmp_path: Path) -> None:
    write_report(tmp_path, JOB, history())
    before = {path: path.read_bytes() for path in tmp_path.glob("accuracy.*")}
    assert len(before) == 2
    for path in before:
        path.unlink()
    draw(tmp_path)
    assert {path: path.read_bytes() for path in before} == before
