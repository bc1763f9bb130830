"""Everything that is recorded of a training job's model; what is not recorded is None or empty."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from algorithm.contract.hyperparameters import Hyperparameters, parse
from config.release import ReleasedModel
from dataset.description import Description
from dataset.split import Split
from scripts.releases.version import Version
from scripts.serving.agreement import Interval, wilson
from scripts.training.history import Epoch, TrainingHistory
from scripts.training.job import TrainingJob

IMBALANCE: Final = 3.0
"""Ours: from three times as many training images of one class as of another, a card warns."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A role of an environment's release that the model has now."""

    environment: str
    role: str
    share: float | None
    """Of the traffic, from 0 to 1; None of a shadow."""

    since: Version
    """The version of the release file that put it there."""

    model: ReleasedModel
    region: str
    endpoint_url: str | None
    """Where the environment's AWS is, if it is not on AWS."""

    endpoints: Mapping[str, str]
    """By kind, the names of those that answer with it: a serverless one has the champion alone."""

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        commit, proof = self.since.commit, self.model.served_in
        return {
            "environment": self.environment,
            "role": self.role,
            "share": self.share,
            "since_commit": commit.sha if commit else None,
            "since": commit.at.isoformat() if commit else None,
            "served_in": proof.to_value() if proof else None,
            "override": self.model.override.to_value() if self.model.override else None,
            "endpoints": list(self.endpoints.values()),
        }


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """What a model card is written from; the same records make the same card."""

    environment: str
    region: str
    job: TrainingJob
    history: TrainingHistory
    dataset: Description | None
    released: ReleasedModel | None
    """The model as a release file has or had it: it alone knows the artifact's digest."""

    places: Sequence[Place]

    @property
    def hyperparameters(self) -> Hyperparameters:
        """With the algorithm's defaults for what was not chosen. Raises HyperparameterError."""
        return parse(self.job.hyperparameters)

    @property
    def epochs(self) -> Sequence[Epoch]:
        """Those that the log tells; none once the log is gone."""
        return self.history.epochs

    @property
    def best(self) -> Epoch | None:
        """The epoch whose model was kept."""
        return self.history.best

    @property
    def validation_accuracy(self) -> float | None:
        """As the log tells it, else as the release file recorded it."""
        if self.best is not None:
            return self.best.validation_accuracy
        return self.released.metrics["validation_accuracy"] if self.released else None

    @property
    def accuracy_interval(self) -> Interval | None:
        """Where the accuracy lies with 95 % confidence, for so many validation images."""
        if self.validation_accuracy is None or self.dataset is None:
            return None
        images = self.dataset.total(Split.VALIDATION)
        return wilson(round(self.validation_accuracy * images), images)

    @property
    def commonest(self) -> tuple[str, float] | None:
        """The class that always answering would be right most often with, and how often."""
        if self.dataset is None:
            return None
        counts = self.dataset.counts[Split.VALIDATION]
        name = max(counts, key=lambda each: counts[each])
        return name, counts[name] / self.dataset.total(Split.VALIDATION)

    @property
    def imbalance(self) -> float | None:
        """Training images of the largest class by those of the smallest."""
        if self.dataset is None:
            return None
        counts = self.dataset.counts[Split.TRAIN].values()
        return max(counts) / min(counts) if min(counts) else math.inf

    def to_value(self) -> dict[str, Any]:
        """The facts as JSON has them; what is not recorded is null."""
        dataset, best, interval = self.dataset, self.best, self.accuracy_interval
        return {
            "training_job_name": self.job.name,
            "training_job_arn": self.job.arn,
            "environment": self.environment,
            "image": self.job.image,
            "trained_until": self.job.ended_at.isoformat() if self.job.ended_at else None,
            "instance_type": self.job.instance_type,
            "instance_count": self.job.instance_count,
            "billable_seconds": self.job.billable_seconds,
            "hyperparameters": dict(self.job.hyperparameters),
            "dataset_id": self.job.dataset_id,
            "dataset_digest": dataset.digest if dataset else None,
            "class_names": list(dataset.classes) if dataset else None,
            "images": _counts(dataset) if dataset else None,
            "validation_accuracy": self.validation_accuracy,
            "validation_accuracy_interval": list(interval) if interval else None,
            "best_epoch": best.number if best else None,
            "epochs": [_epoch(each) for each in self.epochs],
            "artifact_url": self.job.artifact_url,
            "artifact_sha256": self.released.artifact_sha256 if self.released else None,
            "releases": [place.to_value() for place in self.places],
        }


def known(number: float) -> float | None:
    """The number, or None for one that the log did not tell."""
    return None if math.isnan(number) else number


def _epoch(epoch: Epoch) -> dict[str, Any]:
    return {
        "epoch": epoch.number,
        "train_accuracy": known(epoch.train_accuracy),
        "validation_accuracy": epoch.validation_accuracy,
        "seconds": known(epoch.seconds),
    }


def _counts(dataset: Description) -> Mapping[str, Mapping[str, int]]:
    return {split.value: dict(dataset.counts[split]) for split in Split}
