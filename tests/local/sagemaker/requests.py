"""Requests that tests start from, and waiting for what they bring about."""

import io
import json
import tarfile
import time
from collections.abc import Callable
from typing import Any

from local.sagemaker.service import SageMaker
from tests.local.sagemaker.emulator import ROLE, SCOPE

IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/tiny:1"
WAIT_SECONDS = 60
ENDED = ("Completed", "Failed", "Stopped")


def manifest_channel(name: str, uri: str, **changes: Any) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "ContentType": "application/x-recordio",
        "RecordWrapperType": "RecordIO",
        "InputMode": "Pipe",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "AugmentedManifestFile",
                "S3Uri": uri,
                "S3DataDistributionType": "FullyReplicated",
                "AttributeNames": ["source-ref", "class"],
            }
        },
    } | changes


def training_request(name: str, bucket: str, **changes: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "Pipe"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/out"},
        "ResourceConfig": {
            "InstanceType": "ml.g4dn.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    } | changes


def model_request(name: str, url: str | None, **container: Any) -> dict[str, Any]:
    definition = {"Image": IMAGE} | ({"ModelDataUrl": url} if url else {}) | container
    return {"ModelName": name, "ExecutionRoleArn": ROLE, "PrimaryContainer": definition}


def instance_variant(name: str, model: str, **changes: Any) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    } | changes


def serverless_variant(
    name: str, model: str, max_concurrency: int = 5, **changes: int
) -> dict[str, Any]:
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": max_concurrency} | changes
    return {"VariantName": name, "ModelName": model, "ServerlessConfig": config}


def capture_config(bucket: str, **changes: Any) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
    } | changes


def config_request(name: str, *variants: dict[str, Any]) -> dict[str, Any]:
    return {"EndpointConfigName": name, "ProductionVariants": list(variants)}


def deploy(
    sagemaker: SageMaker, name: str, *variants: dict[str, Any], **members: Any
) -> dict[str, Any]:
    """An endpoint of these variants and its description once it has settled.

    `members` are further ones of its configuration.
    """
    config = config_request(f"{name}-config", *variants) | members
    sagemaker.call(SCOPE, "CreateEndpointConfig", config)
    request = {"EndpointName": name, "EndpointConfigName": f"{name}-config"}
    sagemaker.call(SCOPE, "CreateEndpoint", request)
    return sagemaker.wait_until_settled(SCOPE, name)


def describe_job(sagemaker: SageMaker, name: str) -> dict[str, Any]:
    return sagemaker.call(SCOPE, "DescribeTrainingJob", {"TrainingJobName": name})


def ended_job(sagemaker: SageMaker, name: str) -> dict[str, Any]:
    """The description of a job once it has ended."""
    until(lambda: describe_job(sagemaker, name)["TrainingJobStatus"] in ENDED)
    return describe_job(sagemaker, name)


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def put_manifest(
    s3: Any, bucket: str, name: str, count: int, *, size: int = 100
) -> tuple[str, list[bytes]]:
    """A manifest of `count` images of different content; its URI and the images."""
    images = [f"{name} {number} ".encode() * (size // 10) for number in range(count)]
    lines = []
    for number, image in enumerate(images):
        s3.put_object(Bucket=bucket, Key=f"images/{name}-{number}.png", Body=image)
        uri = f"s3://{bucket}/images/{name}-{number}.png"
        lines.append(json.dumps({"source-ref": uri, "class": number % 3, "ignored": "x"}))
    s3.put_object(Bucket=bucket, Key=f"{name}.manifest", Body="\n".join(lines).encode())
    return f"s3://{bucket}/{name}.manifest", images


def unpacked(s3: Any, uri: str) -> dict[str, bytes]:
    """The files of a tar.gz in S3."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    files = {}
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as tar:
        for member in tar:
            if (file := tar.extractfile(member)) is not None:
                files[member.name] = file.read()
    return files
