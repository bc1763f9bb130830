"""A release as a test needs one: valid, and different where the test says so."""

import hashlib
from typing import Any

from config.release import Release, ReleasedModel
from config.served_in import ServedIn


def any_model(trained: str = "first", **different: Any) -> ReleasedModel:
    """A released model; another `trained` is another job and another artifact."""
    digest = hashlib.sha256(trained.encode()).hexdigest()
    job = f"darkroom-dev-{trained}"
    values: dict[str, Any] = {
        "training_job_name": job,
        "training_job_arn": f"arn:aws:sagemaker:us-east-1:111122223333:training-job/{job}",
        "image": "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
        "model_data_url": f"s3://artifacts/models/{digest}/model.tar.gz",
        "artifact_sha256": digest,
        "artifact_size_bytes": 1_048_576,
        "artifact_format": "mxnet",
        "class_names": ("cat", "dog"),
        "image_shape": "3,224,224",
        "dataset_id": "0123456789abcdef",
        "hyperparameters": {"num_classes": "2", "num_training_samples": "100"},
        "metrics": {"validation_accuracy": 0.98, "best_epoch": 4},
    }
    return ReleasedModel(**(values | different))


def any_release(environment: str = "dev", trained: str = "first", **different: Any) -> Release:
    """A release of a champion alone, with all of the traffic."""
    return Release(
        environment=environment,
        models={"champion": any_model(trained, **different)},
        weights={"champion": 1.0},
    )


def any_proof(model: ReleasedModel | None = None, **different: Any) -> ServedIn:
    """The proof that dev served the model as its champion."""
    values: dict[str, Any] = {
        "environment": "dev",
        "account": "111122223333",
        "region": "us-east-1",
        "role": "champion",
        "release_sha256": "c" * 64,
        "artifact_sha256": (model or any_model()).artifact_sha256,
        "endpoints": ("darkroom-dev-realtime",),
        "commit": "d" * 40,
        "by": "arn:aws:sts::444455556666:assumed-role/Promoter/ada",
        "at": "2026-11-22T21:30:00+00:00",
    }
    return ServedIn(**(values | different))
