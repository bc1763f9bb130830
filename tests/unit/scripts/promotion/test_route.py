"""Who promotes, from which account to which: real profiles, a real STS and S3."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import botocore.credentials
import pytest

from config.environments import DEV, LOCAL, PROD
from scripts.artifact import split_url
from scripts.errors import Refused
from scripts.promotion.judging import judged
from scripts.promotion.reading import read_artifact
from scripts.promotion.request import Move
from scripts.promotion.route import Route, open_route
from scripts.promotion.sides import at_side
from scripts.session import open_session
from tests.releases import any_model, any_release
from tests.unit.scripts.stock_cloud import stock_cloud

DEV_ACCOUNT, PROD_ACCOUNT = "111111111111", "222222222222"
DEV_ELSEWHERE = replace(DEV, account=DEV_ACCOUNT)
PROD_ELSEWHERE = replace(PROD, account=PROD_ACCOUNT, region="eu-central-1")
WITNESS = f"arn:aws:iam::{DEV_ACCOUNT}:role/witness"
_, KEY = split_url(any_model().model_data_url)
PROMOTER = f"arn:aws:iam::{PROD_ACCOUNT}:role/promoter"
CONFIG = f"""
[profile dev]
aws_access_key_id = {DEV_ACCOUNT}
aws_secret_access_key = x
[profile prod]
aws_access_key_id = {PROD_ACCOUNT}
aws_secret_access_key = x
[profile witness]
role_arn = {WITNESS}
source_profile = prod
[profile promoter]
role_arn = {PROMOTER}
source_profile = prod
mfa_serial = arn:aws:iam::{PROD_ACCOUNT}:mfa/ada
[profile witness-of-promoter]
role_arn = {WITNESS}
source_profile = promoter
[profile unknown]
role_arn = arn:aws:iam::{DEV_ACCOUNT}:role/nobody
source_profile = prod
"""


TRUST = {
    "Principal": {"AWS": f"arn:aws:iam::{PROD_ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
}


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cloud in which dev's account has a role that prod's may take on, and a bucket."""
    with stock_cloud(tmp_path_factory.mktemp("cloud"), AUTH="true") as url:
        owner = boto3.Session(DEV_ACCOUNT, "x", region_name="us-east-1")
        owner.client("iam", endpoint_url=url).create_role(
            RoleName="witness", AssumeRolePolicyDocument=document(TRUST)
        )
        administrator = boto3.Session(PROD_ACCOUNT, "x", region_name="us-east-1")
        iam = administrator.client("iam", endpoint_url=url)
        iam.create_role(RoleName="promoter", AssumeRolePolicyDocument=document(TRUST))
        iam.put_role_policy(
            RoleName="promoter",
            PolicyName="witness",
            PolicyDocument=document({"Action": "sts:AssumeRole", "Resource": WITNESS}),
        )
        s3 = owner.client("s3", endpoint_url=url)
        s3.create_bucket(Bucket="dev-artifacts")
        s3.create_bucket(Bucket="shared-artifacts")
        everything = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared-artifacts/*"}
        s3.put_bucket_policy(
            Bucket="shared-artifacts",
            Policy=document({"Principal": TRUST["Principal"], **everything}),
        )
        for bucket in ("dev-artifacts", "shared-artifacts"):
            s3.put_object(Bucket=bucket, Key=KEY, Body=b"model")
        yield url


@pytest.fixture(autouse=True)
def of_this_cloud(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text(CONFIG, encoding="utf-8")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)


def the_route() -> Route:
    return open_route(DEV_ELSEWHERE, PROD_ELSEWHERE, "witness", "prod")


def test_the_source_is_looked_at_in_the_role_that_the_profile_takes_on() -> None:
    route = the_route()
    assert route.source_account == DEV_ACCOUNT
    assert route.source.caller().arn.startswith(f"arn:aws:sts::{DEV_ACCOUNT}:assumed-role/witness/")
    assert route.caller.account == PROD_ACCOUNT
    assert route.target.client("s3").meta.region_name == "eu-central-1"


def test_a_profile_asks_the_sts_of_its_own_cloud_whatever_else_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert the_route().source_account == DEV_ACCOUNT


def test_keys_in_the_environment_do_not_stand_in_for_a_profile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "333333333333")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert the_route().caller.account == PROD_ACCOUNT


def test_a_profile_of_the_wrong_account_is_refused() -> None:
    with pytest.raises(
        Refused, match=f"dev is account {DEV_ACCOUNT}, but .* {PROD_ACCOUNT}.*--from-profile"
    ):
        open_route(DEV_ELSEWHERE, PROD_ELSEWHERE, "prod", "prod")
    with pytest.raises(
        Refused, match=f"prod is account {PROD_ACCOUNT}, but .* {DEV_ACCOUNT}.*--to-profile"
    ):
        open_route(DEV_ELSEWHERE, PROD_ELSEWHERE, "dev", "dev")


def test_two_accounts_that_the_settings_do_not_name_are_refused() -> None:
    with pytest.raises(
        Refused, match=rf'names no account.*dev: {DEV_ACCOUNT}, prod: {PROD_ACCOUNT}.*account="'
    ):
        open_route(DEV, PROD, "dev", "prod")
    with pytest.raises(Refused, match="prod names no account"):
        open_route(DEV_ELSEWHERE, PROD, "dev", "prod")


def test_one_trial_account_may_have_both_environments() -> None:
    route = open_route(DEV, PROD, "dev", "dev")
    assert route.source_account == route.caller.account == DEV_ACCOUNT


def test_whoever_comes_with_a_one_time_code_is_asked_for_it_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """AWS takes a code once, and the witness is taken on by whoever promotes."""
    asked: list[str] = []

    def prompted(text: str) -> str:
        asked.append(text)
        return "123456"

    # botocore's way to a terminal, bound when its class was made.
    asking = botocore.credentials.AssumeRoleProvider.__init__
    monkeypatch.setattr(asking, "__defaults__", (prompted, None, None))
    route = open_route(DEV_ELSEWHERE, PROD_ELSEWHERE, "witness-of-promoter", "promoter")
    assert ":assumed-role/promoter/" in route.caller.arn
    assert ":assumed-role/witness/" in route.source.caller().arn
    assert asked == [f"Enter MFA code for arn:aws:iam::{PROD_ACCOUNT}:mfa/ada: "]


def test_a_profile_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"profile \(nobodys\) could not be found for environment de"):
        open_route(DEV, PROD, "nobodys")


def test_a_role_that_does_not_let_the_caller_in_is_refused() -> None:
    with pytest.raises(Refused, match=r"not allowed in environment dev: .*AssumeRole"):
        open_route(DEV_ELSEWHERE, PROD_ELSEWHERE, "unknown", "prod")


def test_what_aws_answers_is_told_with_the_environment_that_was_asked() -> None:
    target = the_route().target
    with pytest.raises(Refused, match=r"environment prod: .*NoSuchBucket"), at_side(target):
        target.client("s3").list_objects_v2(Bucket="nobodys-bucket")


def test_two_clouds_that_cannot_see_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with pytest.raises(Refused, match=rf"local is at {url}, and prod at AWS: nothing is copied"):
        open_route(replace(LOCAL, endpoint_url=url), PROD)


def test_an_endpoint_of_the_settings_takes_no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with pytest.raises(Refused, match=r"takes none from profile dev.*AWS_ENDPOINT_URL=http"):
        open_session(LOCAL, "dev")


def test_a_target_that_may_not_read_the_source_learns_which_policies_are_missing() -> None:
    url = f"s3://dev-artifacts/{KEY}"
    with ExitStack() as files, pytest.raises(Refused) as refused:
        read_artifact(the_route(), any_model(model_data_url=url), files)
    text = str(refused.value)
    assert f"policy of bucket dev-artifacts has to let account {PROD_ACCOUNT} read" in text
    assert f"needs s3:GetObject on {url}" in text
    assert "PromotePolicyArn" in text
    assert "\n" not in text


def test_the_artifact_is_read_by_the_target_alone_and_not_beyond_its_released_size() -> None:
    route, url = the_route(), f"s3://shared-artifacts/{KEY}"
    with ExitStack() as files:
        model = any_model(model_data_url=url, artifact_size_bytes=5)
        assert read_artifact(route, model, files).file.read_bytes() == b"model"
        with pytest.raises(Refused, match="has 5 bytes, but 4 were released"):
            read_artifact(route, replace(model, artifact_size_bytes=4), files)


def test_the_targets_gates_and_the_targets_champion_decide() -> None:
    assert DEV.gates.minimum_validation_accuracy != PROD.gates.minimum_validation_accuracy
    model = any_model(model_data_url=f"s3://shared-artifacts/{KEY}")
    move = Move(source_role="champion", role="champion", model=model)
    best = any_release("prod", "before", metrics={"validation_accuracy": 0.995})
    with ExitStack() as files:
        found = {
            each.gate: each.limit
            for each in judged(the_route(), move, model, best, files).judgement.findings
        }
    assert found["accuracy"] == f"at least {PROD.gates.minimum_validation_accuracy}"
    assert found["champion"].startswith("at least 0.985")
    assert found["served_in"] == "served by dev before"
