"""A model of a release: everything needed to deploy it, and to trace it back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from config import prefixes
from config.algorithm import ARTIFACT_FORMATS, AlgorithmImage
from config.errors import ConfigurationError, require
from config.record import REMEDY, Record, located
from config.served_in import Override, ServedIn

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PLACE: Final = re.compile(rf"s3://[a-z0-9.-]+(/{prefixes.DRILL})?")


@dataclass(frozen=True, kw_only=True)
class ReleasedModel:
    """A trained model with everything needed to deploy it and to trace it back."""

    training_job_name: str
    training_job_arn: str
    image: str
    """The container that serves it."""

    model_data_url: str
    """`s3://<bucket>/models/<artifact_sha256>/model.tar.gz`: an overwritten key deploys nothing."""

    artifact_sha256: str
    artifact_size_bytes: int
    artifact_format: str
    class_names: tuple[str, ...]
    """In label order: the endpoint's nth probability is the nth class's."""

    image_shape: str
    dataset_id: str
    hyperparameters: Mapping[str, str]
    metrics: Mapping[str, float]
    """At least `validation_accuracy`, from 0 to 1."""

    served_in: ServedIn | None = None
    """The proof that another environment served it; only of a model that was promoted."""

    override: Override | None = None
    """Set when a person let it pass a gate that refused it."""

    def __post_init__(self) -> None:
        sha256, job = self.artifact_sha256, self.training_job_name
        classes, accuracy = self.class_names, self.metrics.get("validation_accuracy")
        artifact = f"/models/{sha256}/model.tar.gz"
        rules = (
            ("artifact_sha256", sha256, _SHA256.fullmatch(sha256), "64 hex digits"),
            (
                "model_data_url",
                self.model_data_url,
                _PLACE.fullmatch(self.model_data_url.removesuffix(artifact)),
                f"s3://<bucket>{artifact}",
            ),
            (
                "training_job_arn",
                self.training_job_arn,
                self.training_job_arn.lower().endswith(f":training-job/{job.lower()}"),
                f"the ARN of training job {job}",
            ),
            (
                "artifact_format",
                self.artifact_format,
                self.artifact_format in ARTIFACT_FORMATS,
                f"one of {', '.join(ARTIFACT_FORMATS)}",
            ),
            (
                "class_names",
                list(classes),
                len(classes) >= 2 and len(set(classes)) == len(classes),
                "two or more different names",
            ),
            (
                "metrics.validation_accuracy",
                accuracy,
                accuracy is not None and 0 <= accuracy <= 1,
                "a number from 0 to 1",
            ),
        )
        for what, found, holds, limit in rules:
            require(bool(holds), what, found=found, limit=limit, remedy=REMEDY)

    @classmethod
    def from_record(cls, value: object, where: str) -> Self:
        """A model of a release file. Raises ConfigurationError naming the member at `where`."""
        optional = ("served_in", "override")
        needed = [member.name for member in fields(cls) if member.name not in optional]
        record = Record(value, where, needed, optional)
        texts = (
            "training_job_name",
            "training_job_arn",
            "image",
            "model_data_url",
            "artifact_sha256",
            "artifact_format",
            "image_shape",
            "dataset_id",
        )
        with located(where):
            return cls(
                **{name: record.text(name) for name in texts},
                artifact_size_bytes=record.count("artifact_size_bytes"),
                class_names=record.texts("class_names"),
                hyperparameters=record.text_by_name("hyperparameters"),
                metrics=record.number_by_name("metrics"),
                served_in=ServedIn.from_record(record.anything("served_in"), f"{where}.served_in")
                if "served_in" in record
                else None,
                override=Override.from_record(record.anything("override"), f"{where}.override")
                if "override" in record
                else None,
            )

    def to_value(self) -> dict[str, Any]:
        """The model as JSON has it; what it has no proof of is left out."""
        value = {
            **vars(self),
            "class_names": list(self.class_names),
            "hyperparameters": dict(self.hyperparameters),
            "metrics": dict(self.metrics),
        }
        for name, history in (("served_in", self.served_in), ("override", self.override)):
            if history is None:
                del value[name]
            else:
                value[name] = history.to_value()
        return value


def check_fit(
    model: ReleasedModel, environment_name: str, algorithm: AlgorithmImage, image: str
) -> None:
    """Raise ConfigurationError if `image`, that of the environment, cannot serve the model."""
    where = f"release of environment {environment_name}"
    remedy = (
        f"train in environment {environment_name} and release that job, or change "
        "settings.algorithm in config/environments.py"
    )
    if model.artifact_format != algorithm.artifact_format:
        raise ConfigurationError(
            f"{where} holds an artifact in format {model.artifact_format!r}, but its image "
            f"serves {algorithm.artifact_format!r}; {remedy}"
        )
    if model.image != image:
        raise ConfigurationError(
            f"{where} was made for image {model.image!r}, but the environment's is "
            f"{image!r}; {remedy}"
        )
