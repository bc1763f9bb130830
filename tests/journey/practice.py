"""An environment with a released model, made in a second: real layers, nothing learnt."""

import hashlib
import io
import json
import tarfile

from algorithm.contract.artifact import INPUT_NAME, SHAPES_NAME, model_name
from algorithm.contract.kinds import ImageShape
from config.environments import LOCAL
from config.release import Release
from config.released_model import ReleasedModel
from stacks.image import image_of
from tests.journey.operator import REGION, Operator
from tests.journey.roles import ACCOUNT
from tests.releases import any_model

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


def releases_an_untrained_model(operator: Operator, artifacts_bucket: str) -> ReleasedModel:
    """Put the model into the bucket and into the operator's release file."""
    artifact = untrained_artifact()
    digest = hashlib.sha256(artifact).hexdigest()
    key = f"models/{digest}/model.tar.gz"
    operator.client("s3").put_object(Bucket=artifacts_bucket, Key=key, Body=artifact)
    job = "darkroom-local-untrained"
    model = any_model(
        training_job_name=job,
        training_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{job}",
        image=image_of(LOCAL),
        model_data_url=f"s3://{artifacts_bucket}/{key}",
        artifact_sha256=digest,
        artifact_size_bytes=len(artifact),
        artifact_format="onnx",
        class_names=CLASSES,
        image_shape=",".join(map(str, SHAPE)),
    )
    release = Release(environment="local", models={"champion": model}, weights={"champion": 1.0})
    file = operator.folder / "config" / "releases" / "local.json"
    file.write_text(release.to_json(), encoding="utf-8")
    return model
