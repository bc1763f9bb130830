"""The request that starts a training job: every parameter of it, in one place, as plain data.

A training job has two kinds of parameters. The platform's say what goes in, what comes out and
what it runs on (input, output and resource configuration); the algorithm's are the
hyperparameters. Both come from the environment's settings, the dataset and the command line, and
both are shown before anything is started.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from algorithm.contract.hyperparameters import parse
from algorithm.contract.images import image_uri
from config import prefixes
from config.settings import Settings
from config.training import TrainingSettings
from dataset.description import Description
from dataset.layout import Layout
from dataset.manifest import ATTRIBUTE_NAMES
from dataset.split import Split

CONTENT_TYPE: Final = "application/x-recordio"
_SHUFFLE_SEED: Final = 0


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What a training job must know of its dataset."""

    dataset_id: str
    bucket: str
    classes: int
    training_samples: int

    @classmethod
    def of(cls, dataset: Description, bucket: str) -> Self:
        return cls(
            dataset_id=dataset.id,
            bucket=bucket,
            classes=len(dataset.classes),
            training_samples=dataset.total(Split.TRAIN),
        )

    def manifest(self, split: Split) -> str:
        """The S3 URI of a channel's augmented manifest (design section 4)."""
        return f"s3://{self.bucket}/{Layout(self.dataset_id).manifest(split)}"


FROM_THE_DATASET: Final = ("num_classes", "num_training_samples")
"""Hyperparameters that are facts of the dataset, and never chosen."""


def image_of(settings: Settings) -> str:
    """The environment's own image, or the built-in one of its region. Raises RegionError."""
    return settings.algorithm.uri or image_uri(settings.region)


def hyperparameters(
    defaults: Mapping[str, str], chosen: Mapping[str, str], data: TrainingData
) -> dict[str, str]:
    """The job's hyperparameters: the environment's, over them the operator's, over them the data's.

    `num_classes` and `num_training_samples` are facts of the dataset, not choices. Raises
    HyperparameterError when the whole is not what the algorithm accepts (facts A.1).
    """
    merged = {
        **defaults,
        **chosen,
        "num_classes": str(data.classes),
        "num_training_samples": str(data.training_samples),
    }
    parse(merged)
    return dict(sorted(merged.items()))


def training_request(
    *,
    settings: Settings,
    data: TrainingData,
    resources: TrainingSettings,
    hyper_parameters: Mapping[str, str],
    image: str,
    role_arn: str,
    output_bucket: str,
) -> dict[str, Any]:
    """Everything `TrainingJob.create` of the SageMaker SDK takes, but the job's name.

    Channels and their settings follow facts A.2.3; the limits follow E.1.
    """
    return {
        "role_arn": role_arn,
        "algorithm_specification": {
            "training_image": image,
            "training_input_mode": "Pipe",
        },
        "input_data_config": [
            _channel(data, Split.TRAIN, shuffle=True),
            _channel(data, Split.VALIDATION, shuffle=False),
        ],
        "output_data_config": {"s3_output_path": f"s3://{output_bucket}/{prefixes.TRAINING}"},
        "resource_config": {
            "instance_type": resources.instance_type,
            "instance_count": resources.instance_count,
            "volume_size_in_gb": resources.volume_size_gb,
        },
        "stopping_condition": {"max_runtime_in_seconds": resources.max_runtime_seconds},
        "hyper_parameters": dict(hyper_parameters),
        "tags": [
            {"key": "darkroom:app", "value": settings.app},
            {"key": "darkroom:environment", "value": settings.name},
            {"key": "darkroom:dataset", "value": data.dataset_id},
        ],
    }


def _channel(data: TrainingData, split: Split, *, shuffle: bool) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "channel_name": split.value,
        "content_type": CONTENT_TYPE,
        "compression_type": "None",
        "record_wrapper_type": "RecordIO",
        "input_mode": "Pipe",
        "data_source": {
            "s3_data_source": {
                "s3_data_type": "AugmentedManifestFile",
                "s3_uri": data.manifest(split),
                "s3_data_distribution_type": "FullyReplicated",
                "attribute_names": list(ATTRIBUTE_NAMES),
            }
        },
    }
    if shuffle:  # a new order each epoch, the same one each time the job is repeated
        channel["shuffle_config"] = {"seed": _SHUFFLE_SEED}
    return channel


def job_name(settings: Settings, data: TrainingData, request: Mapping[str, Any]) -> str:
    """A name that the same request always gets, so that repeating a command starts nothing twice.

    `<app>-<environment>-<dataset>-<request>`, at most 63 characters (facts E.1).
    """
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    return f"{settings.app}-{settings.name}-{data.dataset_id[:8]}-{digest[:8]}"


def attempt_name(name: str, attempt: int) -> str:
    """The name of the nth attempt (1, 2, ...): a finished job keeps its name (facts E.1)."""
    return name if attempt == 1 else f"{name}-{attempt}"
