"""An environment with a released model, made in a second: real layers, nothing learnt."""

import hashlib

from config.environments import LOCAL
from config.release import Release
from config.released_model import ReleasedModel
from stacks.image import image_of
from tests.journey.operator import ACCOUNT, REGION, Operator
from tests.releases import any_model
from tests.untrained import CLASSES, SHAPE, untrained_artifact


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
