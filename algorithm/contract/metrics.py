"""The built-in algorithm's metric lines: each format beside the expression that reads it back.

Facts sheet A.7 gives the lines character by character and A.8 the metrics made from them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self, TypedDict

# CloudWatch Logs stores a TAB as this escape, as syslog does (A.7).
ESCAPED_TAB = "#011"

BATCH_INTERVAL = 20
"Batch lines are written at every such batch of an epoch, counted from 0, except the first."

# "[06/17/2021 23:33:27 INFO 139686210139968] " stands before the lines of the built-in (A.7).
_PREFIX = re.compile(r"^\[[0-9/]{10} [0-9:]{8} [A-Z]+ [0-9]+\] ")
_EPOCH = r"Epoch\[([0-9]+)\] "
_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"


@dataclass(frozen=True, kw_only=True)
class TopK:
    """The share of images whose true class is among the `k` most probable."""

    k: int
    accuracy: float

    PATTERN: ClassVar = rf"top_k_accuracy_([0-9]+)={_NUMBER}"

    def __str__(self) -> str:
        return f"top_k_accuracy_{self.k}={self.accuracy:.6f}"


@dataclass(frozen=True, kw_only=True)
class BatchProgress:
    """Where an epoch stands: `speed` in images/s and accuracies are since the epoch's start."""

    epoch: int
    batch: int
    speed: float
    accuracy: float
    top_k: TopK | None = None

    PATTERN: ClassVar = (
        rf"{_EPOCH}Batch \[([0-9]+)\]\tSpeed: {_NUMBER} samples/sec"
        rf"\taccuracy={_NUMBER}(?:\t{TopK.PATTERN})?"
    )

    def __str__(self) -> str:
        top_k = f"\t{self.top_k}" if self.top_k else ""
        return (
            f"Epoch[{self.epoch}] Batch [{self.batch}]\tSpeed: {self.speed:.3f} samples/sec"
            f"\taccuracy={self.accuracy:.6f}{top_k}"
        )

    @classmethod
    def of(cls, epoch: str, batch: str, speed: str, accuracy: str, k: str, share: str) -> Self:
        return cls(
            epoch=int(epoch),
            batch=int(batch),
            speed=float(speed),
            accuracy=float(accuracy),
            top_k=TopK(k=int(k), accuracy=float(share)) if k else None,
        )


@dataclass(frozen=True, kw_only=True)
class TrainAccuracy:
    """Accuracy over the full batches of an epoch, while the weights were still changing."""

    epoch: int
    accuracy: float

    PATTERN: ClassVar = rf"{_EPOCH}Train-accuracy={_NUMBER}"

    def __str__(self) -> str:
        return f"Epoch[{self.epoch}] Train-accuracy={self.accuracy:.6f}"

    @classmethod
    def of(cls, epoch: str, accuracy: str) -> Self:
        return cls(epoch=int(epoch), accuracy=float(accuracy))


@dataclass(frozen=True, kw_only=True)
class TrainTopK:
    """Top-k accuracy over the full batches of an epoch."""

    epoch: int
    top_k: TopK

    PATTERN: ClassVar = rf"{_EPOCH}Train-{TopK.PATTERN}"

    def __str__(self) -> str:
        return f"Epoch[{self.epoch}] Train-{self.top_k}"

    @classmethod
    def of(cls, epoch: str, k: str, share: str) -> Self:
        return cls(epoch=int(epoch), top_k=TopK(k=int(k), accuracy=float(share)))


@dataclass(frozen=True, kw_only=True)
class TimeCost:
    """How long the training part of an epoch took."""

    epoch: int
    seconds: float

    PATTERN: ClassVar = rf"{_EPOCH}Time cost={_NUMBER}"

    def __str__(self) -> str:
        return f"Epoch[{self.epoch}] Time cost={self.seconds:.3f}"

    @classmethod
    def of(cls, epoch: str, seconds: str) -> Self:
        return cls(epoch=int(epoch), seconds=float(seconds))


@dataclass(frozen=True, kw_only=True)
class ValidationAccuracy:
    """Accuracy on the validation channel after an epoch."""

    epoch: int
    accuracy: float

    PATTERN: ClassVar = rf"{_EPOCH}Validation-accuracy={_NUMBER}"

    def __str__(self) -> str:
        return f"Epoch[{self.epoch}] Validation-accuracy={self.accuracy:.6f}"

    @classmethod
    def of(cls, epoch: str, accuracy: str) -> Self:
        return cls(epoch=int(epoch), accuracy=float(accuracy))


@dataclass(frozen=True, kw_only=True)
class BestModel:
    """An epoch beat all before it: its model is stored and the previous best one dropped."""

    accuracy: float

    PATTERN: ClassVar = rf"Storing the best model with validation accuracy: {_NUMBER}"

    def __str__(self) -> str:
        return f"Storing the best model with validation accuracy: {self.accuracy:.6f}"

    @classmethod
    def of(cls, accuracy: str) -> Self:
        return cls(accuracy=float(accuracy))


@dataclass(frozen=True, kw_only=True)
class SavedCheckpoint:
    """A model file was written."""

    path: str

    PATTERN: ClassVar = r'Saved checkpoint to "(.+)"'

    def __str__(self) -> str:
        return f'Saved checkpoint to "{self.path}"'

    @classmethod
    def of(cls, path: str) -> Self:
        return cls(path=path)


MetricLine = (
    BatchProgress
    | TrainAccuracy
    | TrainTopK
    | TimeCost
    | ValidationAccuracy
    | BestModel
    | SavedCheckpoint
)

_KINDS = (
    *(BatchProgress, TrainAccuracy, TrainTopK, TimeCost, ValidationAccuracy),
    *(BestModel, SavedCheckpoint),
)
_EXPRESSIONS = tuple((re.compile(kind.PATTERN), kind) for kind in _KINDS)


def parse_line(text: str) -> MetricLine | None:
    """The metric that a line of a training log states, or None for any other line.

    Takes lines as the process wrote them and as CloudWatch Logs stores them, with the prefix of
    date, level and thread or without.
    """
    line = _PREFIX.sub("", text.rstrip("\r\n"), count=1).replace(ESCAPED_TAB, "\t")
    for expression, kind in _EXPRESSIONS:
        if found := expression.fullmatch(line):
            read: Callable[..., MetricLine] = kind.of
            return read(*found.groups())
    return None


class MetricDefinition(TypedDict):
    """One of `AlgorithmSpecification.MetricDefinitions`, in the API's own spelling."""

    Name: str
    Regex: str


METRIC_DEFINITIONS: tuple[MetricDefinition, ...] = (
    {"Name": "train:accuracy", "Regex": rf"Epoch\[[0-9]+\] Train-accuracy={_NUMBER}"},
    {"Name": "validation:accuracy", "Regex": rf"Epoch\[[0-9]+\] Validation-accuracy={_NUMBER}"},
)
"The names are the built-in's, which publishes no expressions; these match its lines (A.8)."
