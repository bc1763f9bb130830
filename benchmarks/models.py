"""The models to serve: the one that the demo released, and a ResNet-50 as large as real ones."""

import io
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

import boto3
import numpy as np
from PIL import Image

from algorithm.contract.artifact import model_name
from algorithm.contract.kinds import ImageShape
from benchmarks.desk import Desk

_SHAPE: Final = ImageShape(3, 224, 224)
_CLASSES: Final = 1000
_PHOTO_SIZE: Final = (320, 240)


def extract_released(desk: Desk, folder: Path) -> None:
    """Download and extract the artifact that the demo released."""
    url = desk.release["models"]["champion"]["model_data_url"]
    bucket, _, key = url.removeprefix("s3://").partition("/")
    with tempfile.TemporaryFile() as file:
        client_of(desk, "s3").download_fileobj(bucket, key, file)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            archive.extractall(folder, filter="data")


def export_resnet_50(folder: Path) -> None:
    """A ResNet-50 at 224 with random weights: it computes as long as a trained one."""
    from algorithm.training.onnx_graph import onnx_model
    from algorithm.training.resnet import resnet

    network = resnet(num_layers=50, channels=_SHAPE.channels, num_classes=_CLASSES).eval()
    folder.mkdir()
    (folder / model_name(0)).write_bytes(onnx_model(network, _SHAPE, _CLASSES))


def photo_to_scale_down() -> bytes:
    """A JPEG that is a little larger than a ResNet-50's input."""
    noise = np.random.default_rng(0).normal(128, 40, (24, 32, 3)).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize(_PHOTO_SIZE, Image.Resampling.BICUBIC).save(file, "JPEG")
    return file.getvalue()


def client_of(desk: Desk, service: str) -> Any:
    """A boto3 client of the desk's cloud."""
    session: Any = boto3.Session(
        desk.variables["AWS_ACCESS_KEY_ID"],
        desk.variables["AWS_SECRET_ACCESS_KEY"],
        region_name=desk.variables["AWS_REGION"],
    )
    return session.client(service, endpoint_url=desk.url)
