"""Model artifacts as files, with what `fetched` would say of them."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from algorithm.contract.artifact import SHAPES_NAME
from config.release import ReleasedModel
from scripts.artifact import Artifact
from tests.releases import any_model

PARAMS = "image-classification-0004.params"
SYMBOL = "image-classification-symbol.json"


def archive_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def mxnet_members(classes: int = 2, shape: str = "3,224,224") -> dict[str, bytes]:
    """What the built-in algorithm leaves (facts A.5), but for the weights."""
    side = [int(each) for each in shape.split(",")]
    layers = [
        {"op": "null", "name": "data", "inputs": []},
        {"op": "FullyConnected", "name": "fc1", "attrs": {"num_hidden": str(classes)}},
        {"op": "SoftmaxOutput", "name": "softmax", "inputs": []},
    ]
    return {
        PARAMS: b"weights",
        SHAPES_NAME: json.dumps([{"shape": [1, *side], "name": "data"}]).encode(),
        SYMBOL: json.dumps({"nodes": layers}).encode(),
    }


def artifact_in(folder: Path, content: bytes) -> Artifact:
    file = folder / "model.tar.gz"
    file.write_bytes(content)
    return Artifact(
        url="s3://artifacts/training/job/output/model.tar.gz",
        etag='"etag"',
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        file=file,
    )


def model_of(artifact: Artifact, **different: Any) -> ReleasedModel:
    """A released model with this artifact."""
    values: dict[str, Any] = {
        "artifact_sha256": artifact.sha256,
        "artifact_size_bytes": artifact.size_bytes,
        "model_data_url": f"s3://artifacts/models/{artifact.sha256}/model.tar.gz",
    }
    return any_model(**(values | different))


def onnx_model_of(artifact: Artifact, **different: Any) -> ReleasedModel:
    """A released model with the untrained artifact of the journey's practice."""
    values: dict[str, Any] = {
        "artifact_format": "onnx",
        "class_names": ("cat", "dog", "fox"),
        "image_shape": "3,32,32",
        "hyperparameters": {
            "num_classes": "3",
            "num_training_samples": "100",
            "image_shape": "3,32,32",
        },
    }
    return model_of(artifact, **(values | different))
