"""Training jobs as the platform runs them: real processes, real pipes, real models."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import onnx

from algorithm.contract.hyperparameters import parse
from algorithm.contract.metrics import (
    BatchProgress,
    BestModel,
    MetricLine,
    TimeCost,
    TrainAccuracy,
    TrainTopK,
    ValidationAccuracy,
    parse_line,
)
from algorithm.training import log
from algorithm.training.channel import Channel
from algorithm.training.loop import Job, train
from algorithm.training.model_directory import ModelDirectory
from algorithm.training.stop import Stop
from tests.unit.algorithm.conftest import Finished
from tests.unit.algorithm.training_job import TrainingJob, photos, strings


def metrics(output: str) -> list[MetricLine]:
    return [metric for line in output.splitlines() if (metric := parse_line(line))]


def best_epoch(output: str) -> int:
    accuracies = [m.accuracy for m in metrics(output) if isinstance(m, ValidationAccuracy)]
    return accuracies.index(max(accuracies))


def test_a_job_on_learnable_images_stores_its_best_model(finished: Finished) -> None:
    assert finished.exit_code == 0, finished.log
    best = best_epoch(finished.log)
    assert finished.job.stored == [
        f"image-classification-{best + 1:04d}.onnx",
        "model-shapes.json",
    ]
    assert not finished.job.layout.failure.exists()
    shapes = json.loads((finished.job.layout.model / "model-shapes.json").read_text())
    assert shapes == [{"shape": [1, 3, 16, 16], "name": "data"}]


def test_the_stored_model_is_a_valid_onnx_model_of_a_pinned_opset(finished: Finished) -> None:
    (path,) = finished.job.layout.model.glob("*.onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [opset.version for opset in model.opset_import] == [17]


def test_the_log_has_the_built_ins_lines_in_its_order(finished: Finished) -> None:
    lines = finished.log.splitlines()
    assert lines[0] == "Docker entrypoint called with argument(s): train"
    prefix = re.compile(r"\[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d (INFO|WARNING) \d{15}\] ")
    assert all(prefix.match(line) for line in lines[1:])
    texts = [prefix.sub("", line) for line in lines]
    expected = [
        "Reading default configuration from ",
        "Merging with provided configuration from ",
        "Final configuration: {",
        "use_pretrained_model: 0",
        "multi_label: 0",
        "Performing random weight initialization",
        "---- Parameters ----",
        "num_layers: 20",
        "data type: <class 'numpy.float32'>",
        "epochs: 2",
        "image resize size: 16",
        "optimizer: adam",
        "learning_rate: 0.003",
        "num_training_samples: 99",
        "mini_batch_size: 4",
        "image_shape: 3,16,16",
        "num_classes: 3",
        "augmentation_type: None",
        "kv_store: device",
        "top_k: 2",
        "checkpoint_frequency not set, will store the best model",
        "--------------------",
        "Setting number of threads: ",
        "Epoch[0] Batch [20]\tSpeed: ",
        "Epoch[0] Train-accuracy=",
        "Epoch[0] Train-top_k_accuracy_2=",
        "Epoch[0] Time cost=",
        "Epoch[0] Validation-accuracy=",
        "Storing the best model with validation accuracy: ",
        'Saved checkpoint to "',
        "Epoch[1] Change learning rate to 3.00000e-04",
        "Epoch[1] Batch [20]\tSpeed: ",
    ]
    remaining = iter(texts)
    for start in expected:
        assert any(text.startswith(start) for text in remaining), f"no {start!r}, or out of order"


def test_the_metrics_of_an_epoch_cover_what_the_built_ins_cover(finished: Finished) -> None:
    found = metrics(finished.log)
    batches = [m for m in found if isinstance(m, BatchProgress)]
    # 99 images in batches of 4: 24 full batches, of which number 20 is the 21st.
    assert [(m.epoch, m.batch) for m in batches] == [(0, 20), (1, 20)]
    for metric in found:
        if isinstance(metric, TrainAccuracy):
            assert abs(metric.accuracy * 96 - round(metric.accuracy * 96)) < 1e-3
        if isinstance(metric, ValidationAccuracy):
            assert abs(metric.accuracy * 20 - round(metric.accuracy * 20)) < 1e-3
        if isinstance(metric, TimeCost):
            assert metric.seconds > 0
    tops = [m.top_k.accuracy for m in found if isinstance(m, TrainTopK)]
    accuracies = [m.accuracy for m in found if isinstance(m, TrainAccuracy)]
    assert all(top >= accuracy for top, accuracy in zip(tops, accuracies, strict=True))


def test_the_best_model_is_announced_only_when_it_is_strictly_better(finished: Finished) -> None:
    best = -1.0
    expected = []
    for metric in metrics(finished.log):
        if isinstance(metric, ValidationAccuracy) and metric.accuracy > best:
            best = metric.accuracy
            expected.append(best)
    announced = [m.accuracy for m in metrics(finished.log) if isinstance(m, BestModel)]
    assert announced == expected


def trained(root: Path, *, seed: int, **changes: object) -> TrainingJob:
    """Run the training loop in this process."""
    job = TrainingJob(root, strings(**changes))
    chosen = parse(job.hyperparameters)
    job.feed_epochs(chosen.epochs)
    log.start()
    train(
        Job(
            chosen=chosen,
            training=Channel("train", job.layout, chosen.num_classes),
            validation=Channel("validation", job.layout, chosen.num_classes),
            models=ModelDirectory(job.layout.model, chosen.image_shape),
            stop=Stop(),
            threads=1,
            seed=seed,
        )
    )
    job.close()
    return job


def test_the_same_seed_gives_the_same_model_to_the_last_bit(tmp_path: Path) -> None:
    options: dict[str, Any] = {"augmentation_type": "crop", "resize": 20, "checkpoint_frequency": 2}
    models = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        job = trained(tmp_path / name, seed=seed, **options)
        models.append((job.layout.model / "image-classification-0002.onnx").read_bytes())
    assert models[0] == models[1]
    assert models[0] != models[2]


def test_checkpoints_are_kept_at_the_frequency_asked_for(tmp_path: Path) -> None:
    job = trained(tmp_path / "ml", seed=0, epochs=4, checkpoint_frequency=2)
    assert [name for name in job.stored if name.endswith(".onnx")] == [
        "image-classification-0002.onnx",
        "image-classification-0004.onnx",
    ]


def test_early_stopping_ends_a_job_before_its_last_epoch(tmp_path: Path) -> None:
    job = TrainingJob(
        tmp_path / "ml",
        strings(
            epochs=9,
            num_training_samples=8,
            learning_rate=0,
            early_stopping="True",
            early_stopping_min_epochs=1,
            early_stopping_patience=1,
        ),
    )
    # Nothing is learnt, and the running statistics hardly move: no epoch beats the first for long.
    job.feed_epochs(9, train=photos(8))
    exit_code, output = job.run()
    assert exit_code == 0, output
    epochs = [m for m in metrics(output) if isinstance(m, ValidationAccuracy)]
    assert len(epochs) < 9
    assert "Early stopping" in output


def test_a_job_stopped_in_its_second_epoch_keeps_the_first_ones_model(job: TrainingJob) -> None:
    job.feed_epochs(1)
    with job.started() as process:
        assert process.stdout is not None
        while "Saved checkpoint" not in process.stdout.readline():
            assert process.poll() is None
        # The second epoch's pipe never comes: the job waits for it.
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate()
        assert process.returncode == 0, rest
    assert "image-classification-0001.onnx" in job.stored
    assert not job.layout.failure.exists()
