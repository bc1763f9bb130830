"""The release file of an environment: which models are deployed, and where each came from.

It is literal input to the templates (design D2): a release is a reviewed diff of this file, a
rollback is its `git revert`. It holds no time of day, so the same models make the same file.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

from config.algorithm import ARTIFACT_FORMATS, AlgorithmImage
from config.errors import ConfigurationError, require
from config.record import REMEDY, Record, located

SCHEMA: Final = 1
ROLES: Final = ("champion", "challenger", "shadow")
"""Champion and challenger share the traffic by weight; a shadow sees a copy of it."""

RELEASES: Final = Path(__file__).parent / "releases"

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_BUCKET_URL: Final = re.compile(r"s3://[a-z0-9.-]+")


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

    def __post_init__(self) -> None:
        sha256, job = self.artifact_sha256, self.training_job_name
        classes, accuracy = self.class_names, self.metrics.get("validation_accuracy")
        artifact = f"/models/{sha256}/model.tar.gz"
        rules = (
            ("artifact_sha256", sha256, _SHA256.fullmatch(sha256), "64 hex digits"),
            (
                "model_data_url",
                self.model_data_url,
                _BUCKET_URL.fullmatch(self.model_data_url.removesuffix(artifact)),
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
        record = Record(value, where, [member.name for member in fields(cls)])
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
            )

    def to_value(self) -> dict[str, Any]:
        """The model as JSON has it."""
        return {
            **vars(self),
            "class_names": list(self.class_names),
            "hyperparameters": dict(self.hyperparameters),
            "metrics": dict(self.metrics),
        }


@dataclass(frozen=True, kw_only=True)
class Release:
    """The models of an environment by role, and the share of the traffic of each."""

    environment: str
    models: Mapping[str, ReleasedModel]
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        for role in self.models:
            require(
                role in ROLES,
                "models",
                found=role,
                limit=f"by role, one of {', '.join(ROLES)}",
                remedy=REMEDY,
            )
        require(
            "champion" in self.models,
            "models",
            found=sorted(self.models),
            limit="at least the champion",
            remedy=REMEDY,
        )
        weighted = sorted(set(self.models) - {"shadow"})
        require(
            sorted(self.weights) == weighted
            and min(self.weights.values()) >= 0
            and sum(self.weights.values()) > 0,
            "weights",
            found=dict(self.weights),
            limit=f"one weight of 0 or more for {', '.join(weighted)}, not all of them 0",
            remedy=REMEDY,
        )

    @classmethod
    def from_json(cls, text: str, where: str) -> Self:
        """The release in a file called `where`. Raises ConfigurationError."""
        try:
            value = json.loads(text)
        except ValueError as problem:
            raise ConfigurationError(f"{where} is not JSON: {problem}; {REMEDY}") from problem
        record = Record(value, where, ("schema", "environment", "models", "weights"))
        schema = record.count("schema")
        require(schema == SCHEMA, f"{where}.schema", found=schema, limit=str(SCHEMA), remedy=REMEDY)
        models = {
            role: ReleasedModel.from_record(model, f"{where}.models.{role}")
            for role, model in record.objects("models").items()
        }
        with located(where):
            return cls(
                environment=record.text("environment"),
                models=models,
                weights=record.number_by_name("weights"),
            )

    def to_json(self) -> str:
        """The text of the release file: the same release is the same text."""
        value = {
            "schema": SCHEMA,
            "environment": self.environment,
            "models": {role: model.to_value() for role, model in self.models.items()},
            "weights": dict(self.weights),
        }
        return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @property
    def digest(self) -> str:
        """Names this release in the stack's outputs: the SHA-256 of its file's text."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


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


def release_file(environment_name: str, folder: Path = RELEASES) -> Path:
    """Where the release of an environment stands."""
    return folder / f"{environment_name}.json"


def read_release(environment_name: str, folder: Path = RELEASES) -> Release | None:
    """The release of an environment, or None before its first.

    Raises ConfigurationError for a file that is not a release of that environment.
    """
    path = release_file(environment_name, folder)
    where = f"config/{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(f"{where} cannot be read: {problem}; {REMEDY}") from problem
    release = Release.from_json(text, where)
    require(
        release.environment == environment_name,
        f"{where}.environment",
        found=release.environment,
        limit=repr(environment_name),
        remedy="a release is made for one environment: run `darkroom release` for this one",
    )
    return release
