"""From the log lines of a training job to its epochs."""

from algorithm.contract.metrics import TimeCost, TrainAccuracy, ValidationAccuracy
from scripts.training.history import TrainingHistory


def lines_of(*accuracies: tuple[float, float]) -> list[str]:
    lines = ["Docker entrypoint called with argument(s): train"]
    for epoch, (train, validation) in enumerate(accuracies):
        lines += [
            "[06/17/2021 23:33:27 INFO 139686210139968] "
            + str(TrainAccuracy(epoch=epoch, accuracy=train)),
            str(TimeCost(epoch=epoch, seconds=2.0)),
            str(ValidationAccuracy(epoch=epoch, accuracy=validation)),
        ]
    return lines


def test_each_epoch_carries_its_accuracies_and_its_time() -> None:
    history = TrainingHistory(training_samples=100)
    history.read(lines_of((0.5, 0.6), (0.7, 0.8)))
    assert [(e.number, e.train_accuracy, e.validation_accuracy) for e in history.epochs] == [
        (1, 0.5, 0.6),
        (2, 0.7, 0.8),
    ]
    assert history.samples_per_second == 50.0


def test_the_best_epoch_is_the_first_of_the_highest_validation_accuracy() -> None:
    history = TrainingHistory(training_samples=100)
    history.read(lines_of((0.5, 0.6), (0.6, 0.9), (0.9, 0.9), (0.95, 0.7)))
    assert history.best is not None
    assert history.best.number == 2
    assert [epoch.best_so_far for epoch in history.epochs] == [True, True, False, False]


def test_lines_may_arrive_in_pieces_as_they_are_logged() -> None:
    whole, pieces = TrainingHistory(training_samples=1), TrainingHistory(training_samples=1)
    lines = lines_of((0.1, 0.2), (0.3, 0.4))
    whole.read(lines)
    for line in lines:
        pieces.read([line])
    assert whole.epochs == pieces.epochs


def test_a_log_without_epochs_has_no_best_one() -> None:
    history = TrainingHistory(training_samples=100)
    history.read(["[INFO] nothing to see", ""])
    assert history.best is None
