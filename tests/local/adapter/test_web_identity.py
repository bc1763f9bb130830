"""A role taken on with a token of GitHub's (local/adapter/web_identity.py)."""

import base64
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from config.pipeline import PipelineSettings
from tests.local.adapter.accounts import DEV, PROD, Account, account
from tests.local.adapter.stacks import Stack
from tests.local.running_cloud import REGION, RunningCloud

HOST = "token.actions.githubusercontent.com"
SETTINGS = PipelineSettings(repository="Photo-Lab/darkroom", owner_id=12, repository_id=345)
CLAIMS = {"iss": f"https://{HOST}", "environment": "dev", **SETTINGS.claims("dev")}
PROVIDER = {
    "Type": "AWS::IAM::OIDCProvider",
    "Properties": {"Url": f"https://{HOST}", "ClientIdList": ["sts.amazonaws.com"]},
}


def role(provider: Any) -> dict[str, Any]:
    """A role with the trust that `stacks/parts/pipeline.py` gives a pipeline's."""
    claims = {f"{HOST}:{name}": value for name, value in SETTINGS.claims("dev").items()}
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": claims},
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}


@dataclass(frozen=True)
class Pipeline:
    """A deployed role, and whoever comes with a token."""

    owner: Account
    stack: Stack
    role: str

    def takes_on(self, **different: Any) -> str:
        """The ARN of the session, or the code of the refusal."""
        claims = {k: v for k, v in (CLAIMS | different).items() if v is not None}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        # As the action does: whoever has a token has no keys yet.
        sts = boto3.client(
            "sts",
            region_name=REGION,
            endpoint_url=self.owner.record["url"],
            config=Config(signature_version=UNSIGNED, proxies={}),
        )
        try:
            answer = sts.assume_role_with_web_identity(
                RoleArn=self.role, RoleSessionName="deploy", WebIdentityToken=f"e30.{body}.e30"
            )
        except ClientError as refused:
            return refused.response["Error"]["Code"]
        arn: str = answer["AssumedRoleUser"]["Arn"]
        return arn


@pytest.fixture(scope="module")
def pipeline(enforced: RunningCloud) -> Iterator[Pipeline]:
    owner = account(enforced, DEV)
    stack = Stack(owner, f"pipeline-{uuid.uuid4().hex[:8]}")
    outputs = stack.create(
        {
            "Resources": {"GitHub": PROVIDER, "Role": role({"Fn::GetAtt": ["GitHub", "Arn"]})},
            "Outputs": {
                "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
                "Provider": {"Value": {"Ref": "GitHub"}},
            },
        }
    )
    assert outputs["Provider"] == f"arn:aws:iam::{DEV}:oidc-provider/{HOST}"
    yield Pipeline(owner, stack, outputs["Role"])
    stack.delete()
    assert owner.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


def test_the_token_of_the_right_job_takes_the_role_on(pipeline: Pipeline) -> None:
    session = pipeline.takes_on()
    assert session.startswith(f"arn:aws:sts::{DEV}:assumed-role/")
    assert session.endswith("/deploy")


@pytest.mark.parametrize(
    "different",
    [
        {"ref": "refs/heads/other"},
        {"ref": "refs/pull/7/merge"},
        {"ref": None},
        {"repository": "Somebody/darkroom"},
        {"repository_id": "346"},
        {"repository_id": None},
        {"sub": "repo:Photo-Lab@12/darkroom@345:environment:prod"},
        {"sub": "repo:Photo-Lab@12/darkroom@345:ref:refs/heads/main"},
        {"aud": "https://github.com/Photo-Lab"},
        {"iss": "https://tokens.example.com"},
    ],
    ids=str,
)
def test_the_token_of_any_other_job_does_not(different: Any, pipeline: Pipeline) -> None:
    assert pipeline.takes_on(**different) == "AccessDenied"


def test_an_account_that_does_not_know_the_issuer_lets_nobody_in(pipeline: Pipeline) -> None:
    stack = Stack(account(pipeline.owner, PROD), f"unknown-{uuid.uuid4().hex[:8]}")
    outputs = stack.create(
        {
            "Resources": {"Role": role(f"arn:aws:iam::{PROD}:oidc-provider/{HOST}")},
            "Outputs": {"Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
        }
    )
    assert Pipeline(pipeline.owner, stack, outputs["Role"]).takes_on() == "AccessDenied"
    stack.delete()


def test_an_account_knows_an_issuer_once(pipeline: Pipeline) -> None:
    second = Stack(pipeline.owner, f"second-{uuid.uuid4().hex[:8]}")
    assert second.try_create({"Resources": {"GitHub": PROVIDER}}) == "ROLLBACK_COMPLETE"
    assert "already exists" in second.reason("GitHub", "CREATE_FAILED")
    second.delete()
    assert pipeline.takes_on().endswith("/deploy")
