"""What SageMaker does for a role, it does as that role: each missing permission shows (D11)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.images import Images
from local.sagemaker.ports import Credentials, Scope
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.conftest import QUICK
from tests.local.sagemaker.emulator import ACCOUNT, SCOPE, FakeCloud, client, running_emulator
from tests.local.sagemaker.invoking import ask
from tests.local.sagemaker.requests import (
    capture_config,
    deploy,
    ended_job,
    instance_variant,
    manifest_channel,
    model_request,
    put_manifest,
    training_request,
)

BUCKET = "enforced"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
READ = ["s3:GetObject"]
WRITE = ["s3:PutObject"]
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
METRICS = ["cloudwatch:PutMetricData"]


@pytest.fixture(scope="module")
def enforcing_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_emulator(tmp_path_factory.mktemp("enforcing"), AUTH="true") as url:
        client("s3", url).create_bucket(Bucket=BUCKET)
        yield url


class EnforcingCloud(FakeCloud):
    """Sessions are STS's own, so the emulator's IAM holds them to the role's policy."""

    def assume_role(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        del scope
        keys = client("sts", self.endpoint_url).assume_role(
            RoleArn=role_arn, RoleSessionName=session_name
        )["Credentials"]
        return Credentials(
            access_key_id=keys["AccessKeyId"],
            secret_access_key=keys["SecretAccessKey"],
            session_token=keys["SessionToken"],
        )


@pytest.fixture
def enforced(enforcing_url: str, tmp_path: Path, images: Images) -> Iterator[SageMaker]:
    sagemaker = SageMaker(EnforcingCloud(enforcing_url, tmp_path), images, QUICK)
    yield sagemaker
    sagemaker.shutdown()


def role(url: str, name: str, actions: list[str]) -> str:
    iam = client("iam", url)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
    }
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def train(sagemaker: SageMaker, url: str, name: str, actions: list[str]) -> dict[str, Any]:
    uri, _ = put_manifest(client("s3", url), BUCKET, "train", 3)
    request = training_request(
        name,
        BUCKET,
        RoleArn=role(url, name, actions),
        InputDataConfig=[manifest_channel("train", uri)],
    )
    sagemaker.call(SCOPE, "CreateTrainingJob", request)
    return ended_job(sagemaker, name)


def test_a_role_with_all_permissions_trains(enforced: SageMaker, enforcing_url: str) -> None:
    job = train(enforced, enforcing_url, "able", READ + WRITE + LOGS + METRICS)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_a_role_that_may_not_read_or_write_fails_the_job_and_the_action_is_named(
    enforced: SageMaker, enforcing_url: str
) -> None:
    for name, actions, denied, what in (
        ("blind", WRITE + LOGS + METRICS, "s3:GetObject", f"s3://{BUCKET}/train.manifest"),
        ("mute", READ + LOGS + METRICS, "s3:PutObject", f"s3://{BUCKET}/out/mute/output"),
    ):
        job = train(enforced, enforcing_url, name, actions)
        assert job["TrainingJobStatus"] == "Failed"
        assert f"AccessDenied (403): {denied} on {what}" in job["FailureReason"]


def test_a_role_that_may_not_log_or_publish_trains_and_it_is_said_once(
    enforced: SageMaker, enforcing_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = train(enforced, enforcing_url, "unheard", READ + WRITE)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    said = [record.getMessage() for record in caplog.records if "unheard" in record.getMessage()]
    assert len([each for each in said if "could not write its logs" in each]) == 1
    assert len([each for each in said if "could not write metrics" in each]) == 1


def test_a_role_that_may_not_write_captured_requests_serves_and_it_is_said(
    enforced: SageMaker, enforcing_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name, actions in (("recorder", WRITE + LOGS + METRICS), ("keyless", LOGS + METRICS)):
        request = model_request(name, None)
        request["ExecutionRoleArn"] = role(enforcing_url, name, actions)
        enforced.call(SCOPE, "CreateModel", request)
        config = capture_config(BUCKET, DestinationS3Uri=f"s3://{BUCKET}/{name}")
        variant = instance_variant("main", name)
        description = deploy(enforced, name, variant, DataCaptureConfig=config)
        assert description["EndpointStatus"] == "InService", description.get("FailureReason")
        assert ask(enforced, name).status == 200
    enforced.shutdown()
    s3 = client("s3", enforcing_url)
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="recorder/")["KeyCount"] == 1
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="keyless/")["KeyCount"] == 0
    said = "keyless/main: captured requests were not written: AccessDenied (403): s3:PutObject on"
    assert said in caplog.text
    assert "recorder/main" not in caplog.text


def test_a_role_that_may_not_read_the_artifact_fails_the_endpoint(
    enforced: SageMaker, enforcing_url: str
) -> None:
    client("s3", enforcing_url).put_object(Bucket=BUCKET, Key="model.tar.gz", Body=b"x")
    request = model_request("model", f"s3://{BUCKET}/model.tar.gz")
    request["ExecutionRoleArn"] = role(enforcing_url, "unserving", LOGS)
    enforced.call(SCOPE, "CreateModel", request)
    description = deploy(enforced, "denied", instance_variant("main", "model"))
    assert description["EndpointStatus"] == "Failed"
    assert (
        f"AccessDenied (403): s3:GetObject on s3://{BUCKET}/model.tar.gz"
        in (description["FailureReason"])
    )
