"""boto3's waiters and modelled errors, through the cloud's HTTP front."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.clients.conftest import BUCKET, BUILT_IN, Stage
from tests.local.running_cloud import variant

SOON = {"Delay": 0.1, "MaxAttempts": 300}


@pytest.fixture(scope="module")
def sagemaker(stage: Stage) -> Any:
    return stage.cloud.client("sagemaker")


@pytest.fixture(scope="module")
def runtime(stage: Stage) -> Any:
    return stage.cloud.client("sagemaker-runtime")


@pytest.fixture(scope="module")
def endpoint(stage: Stage, sagemaker: Any) -> str:
    name = "boto3"
    create_model(stage, sagemaker, name)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig=SOON)
    return name


def create_model(stage: Stage, sagemaker: Any, name: str) -> None:
    container = {"Image": BUILT_IN, "ModelDataUrl": stage.model_url}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=stage.role, PrimaryContainer=container)


def train(stage: Stage, sagemaker: Any, name: str, image: str = BUILT_IN) -> str:
    sagemaker.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        RoleArn=stage.role,
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/jobs"},
        ResourceConfig={
            "InstanceType": "ml.p3.2xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 10,
        },
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    return name


def test_waiters_follow_an_endpoint_from_creation_to_deletion(
    stage: Stage, sagemaker: Any, runtime: Any
) -> None:
    name = "boto3-short-lived"
    create_model(stage, sagemaker, name)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig=SOON)
    answer = runtime.invoke_endpoint(EndpointName=name, Body=b"photo", ContentType="image/png")
    assert (answer["Body"].read(), answer["ContentType"]) == (b"0.5", "application/json")
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig=SOON)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName=name)


def test_the_waiter_for_training_ends_with_the_job(stage: Stage, sagemaker: Any) -> None:
    job = train(stage, sagemaker, "boto3-job")
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName=job, WaiterConfig=SOON)
    described = sagemaker.describe_training_job(TrainingJobName=job)
    assert described["TrainingJobStatus"] == "Completed"
    assert described["ModelArtifacts"]["S3ModelArtifacts"].startswith(f"s3://{BUCKET}/jobs/")


def test_the_waiter_for_training_raises_when_the_job_fails(stage: Stage, sagemaker: Any) -> None:
    job = train(stage, sagemaker, "boto3-unknown-image", image="absent:1")
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    with pytest.raises(WaiterError, match=r'For expression "TrainingJobStatus".*"Failed"'):
        waiter.wait(TrainingJobName=job, WaiterConfig=SOON)


def test_a_model_that_breaks_raises_the_modelled_error(runtime: Any, endpoint: str) -> None:
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"fail")
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 500
    assert response["OriginalMessage"] == "the model broke"
    assert response["LogStreamArn"].startswith("arn:aws:logs:us-east-1:000000000000:log-group:")


def test_an_unknown_endpoint_raises_the_modelled_error(runtime: Any) -> None:
    with pytest.raises(runtime.exceptions.ValidationError) as caught:
        runtime.invoke_endpoint(EndpointName="absent", Body=b"photo")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_job_of_a_name_that_is_taken_raises_the_modelled_error(
    stage: Stage, sagemaker: Any
) -> None:
    job = train(stage, sagemaker, "boto3-twice")
    with pytest.raises(sagemaker.exceptions.ResourceInUse, match="must be unique"):
        train(stage, sagemaker, job)
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=job, WaiterConfig=SOON
    )
