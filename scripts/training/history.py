"""What a training job's log lines add up to: accuracy and time of each epoch, and the best one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from algorithm.contract.metrics import (
    BatchProgress,
    MetricLine,
    TimeCost,
    TrainAccuracy,
    ValidationAccuracy,
    parse_line,
)


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One pass over the training data; `number` counts from 1."""

    number: int
    train_accuracy: float
    validation_accuracy: float
    seconds: float
    best_so_far: bool
    """Whether no epoch before it was as good: its model is the one that is stored (A.7)."""


@dataclass(kw_only=True)
class TrainingHistory:
    """The epochs of a job, gathered line by line as they are logged.

    An epoch that is logged again, by a job that was restarted, is the one that was logged last.
    """

    training_samples: int
    samples_per_second: float | None = None
    _train: dict[int, float] = field(default_factory=dict)
    _validation: dict[int, float] = field(default_factory=dict)
    _seconds: dict[int, float] = field(default_factory=dict)

    def read(self, lines: Iterable[str]) -> None:
        """Take in further lines of the log; lines that state no metric are passed over."""
        for line in lines:
            found = parse_line(line)
            if found is not None:
                self._take(found)

    def _take(self, found: MetricLine) -> None:
        match found:
            case BatchProgress():
                self.samples_per_second = found.speed
            case TrainAccuracy():
                self._train[found.epoch] = found.accuracy
            case TimeCost():
                self._seconds[found.epoch] = found.seconds
                if found.seconds > 0:
                    self.samples_per_second = self.training_samples / found.seconds
            case ValidationAccuracy():
                self._validation[found.epoch] = found.accuracy
            case _:
                pass

    @property
    def epochs(self) -> list[Epoch]:
        """The epochs that have been validated, in order."""
        epochs: list[Epoch] = []
        best = float("-inf")
        for index in sorted(self._validation):
            accuracy = self._validation[index]
            epochs.append(
                Epoch(
                    number=index + 1,
                    train_accuracy=self._train.get(index, float("nan")),
                    validation_accuracy=accuracy,
                    seconds=self._seconds.get(index, float("nan")),
                    best_so_far=accuracy > best,
                )
            )
            best = max(best, accuracy)
        return epochs

    @property
    def best(self) -> Epoch | None:
        """The epoch whose model is kept: the first with the highest validation accuracy (A.7)."""
        return max(self.epochs, key=lambda epoch: epoch.validation_accuracy, default=None)
