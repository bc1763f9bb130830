"""A model with real layers that has learnt nothing: made in a second, served by a real server."""

import io
import json
import tarfile

from algorithm.contract.artifact import INPUT_NAME, SHAPES_NAME, model_name
from algorithm.contract.kinds import ImageShape

SHAPE = ImageShape(3, 32, 32)
CLASSES = ("cat", "dog", "fox")


def untrained_artifact() -> bytes:
    """A model.tar.gz as a training job would leave it before its first batch."""
    import torch

    from algorithm.training.onnx_graph import onnx_model
    from algorithm.training.resnet import resnet

    torch.manual_seed(0)
    network = resnet(num_layers=20, channels=SHAPE.channels, num_classes=len(CLASSES)).eval()
    members = {
        model_name(0): onnx_model(network, SHAPE, len(CLASSES)),
        SHAPES_NAME: json.dumps([{"shape": [1, *SHAPE], "name": INPUT_NAME}]).encode(),
    }
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()
