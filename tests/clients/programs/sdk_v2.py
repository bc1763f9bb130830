"""What a user of the SageMaker Python SDK v2 writes; runs in the clients' environment.

    sdk_v2.py SEEN ROLE BUCKET MODEL_URL

Writes one JSON object of what was seen to the file SEEN. The session gets its bucket and every call
its role, because `Session.default_bucket()` and `get_execution_role()` ask the STS of AWS itself.
"""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
import sagemaker
from sagemaker import image_uris
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import IdentitySerializer
from sagemaker.serverless import ServerlessInferenceConfig

POLL_SECONDS = 0.2  # the SDK's own are 5 to 30: nothing else differs from its defaults


def main(role: str, bucket: str, model_url: str) -> dict[str, Any]:
    session = sagemaker.Session(boto3.Session(), default_bucket=bucket)
    image = image_uris.retrieve("image-classification", "us-east-1")
    estimator = fitted(session, image, role, bucket)  # the job works while models are deployed
    return {
        "deployed": deployed(session, image, role, model_url),
        "serverless": served_without_instances(session, image, role, model_url),
        "trained": trained(session, estimator),
    }


def deployed(session: Any, image: str, role: str, model_url: str) -> dict[str, Any]:
    """Model.deploy, Predictor.predict, and everything deleted again."""
    model = Model(image, model_url, role, sagemaker_session=session, predictor_cls=Predictor)
    predictor = model.deploy(
        initial_instance_count=2,
        instance_type="ml.m5.large",
        endpoint_name="sdk-v2",
        serializer=IdentitySerializer("image/png"),
        deserializer=JSONDeserializer(),
        wait=False,
    )
    described = session.wait_for_endpoint("sdk-v2", poll=POLL_SECONDS)
    answer = predictor.predict(b"photo")
    predictor.delete_model()
    predictor.delete_endpoint(delete_endpoint_config=True)
    return {"answer": answer, "status": described["EndpointStatus"]}


def served_without_instances(session: Any, image: str, role: str, model_url: str) -> dict[str, Any]:
    model = Model(image, model_url, role, sagemaker_session=session, predictor_cls=Predictor)
    predictor = model.deploy(
        endpoint_name="sdk-v2-serverless",
        serverless_inference_config=ServerlessInferenceConfig(memory_size_in_mb=2048),
        serializer=IdentitySerializer("image/png"),
        wait=False,
    )
    session.wait_for_endpoint("sdk-v2-serverless", poll=POLL_SECONDS)
    return {"answer": predictor.predict(b"photo").decode()}


def fitted(session: Any, image: str, role: str, bucket: str) -> Any:
    """Estimator.fit of the built-in algorithm."""
    estimator = Estimator(
        image,
        role,
        instance_count=1,
        instance_type="ml.p3.2xlarge",
        output_path=f"s3://{bucket}/trained",
        sagemaker_session=session,
        hyperparameters={"num_classes": 10, "num_training_samples": 100, "image_shape": "3,32,32"},
    )
    channels = {
        name: TrainingInput(f"s3://{bucket}/photos/", content_type="application/x-image")
        for name in ("train", "validation")
    }
    estimator.fit(channels, wait=False)
    return estimator


def trained(session: Any, estimator: Any) -> dict[str, Any]:
    """The job's logs to their end, and the model it made, deployed."""
    job = estimator.latest_training_job.name
    session.logs_for_job(job, wait=True, poll=POLL_SECONDS)  # what fit(wait=True) calls
    predictor = estimator.deploy(1, "ml.m5.large", endpoint_name="sdk-v2-trained", wait=False)
    session.wait_for_endpoint("sdk-v2-trained", poll=POLL_SECONDS)
    return {
        "answer": predictor.predict(b"photo").decode(),
        "model": estimator.model_data,
        "status": session.describe_training_job(job)["TrainingJobStatus"],
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(main(*sys.argv[2:])))
