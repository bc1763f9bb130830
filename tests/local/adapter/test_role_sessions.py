"""Who may be acted for: a role that exists and trusts SageMaker
(local/adapter/role_sessions.py)."""

import json
from typing import Any

import pytest

from local.adapter import role_sessions
from local.sagemaker.ports import RoleNotAssumable, Scope

SCOPE = Scope(account="000000000000", region="us-east-1")
ROLE = "arn:aws:iam::000000000000:role/Execution"


def trust(principal: Any = None, effect: str = "Allow", **condition: Any) -> dict[str, Any]:
    statement = {
        "Effect": effect,
        "Principal": principal or {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {**statement, **({"Condition": condition} if condition else {})}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    "statements",
    [
        [trust()],
        [trust({"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]})],
        [trust(StringEquals={"aws:SourceAccount": "000000000000"})],
        [trust(ArnLike={"aws:SourceArn": "arn:aws:sagemaker:us-east-1:000000000000:*"})],
    ],
)
def test_a_policy_that_names_sagemaker_lets_it_in(statements: list[dict[str, Any]]) -> None:
    assert role_sessions.trusts_sagemaker(policy(*statements), ROLE, SCOPE)


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [trust({"Service": "lambda.amazonaws.com"})],
        [trust({"AWS": "arn:aws:iam::000000000000:root"})],
        [trust(StringEquals={"aws:SourceAccount": "111111111111"})],
        [trust(ArnLike={"aws:SourceArn": "arn:aws:sagemaker:eu-west-1:000000000000:*"})],
        [trust(StringEquals={"sts:ExternalId": "secret"})],
        [trust(), trust(effect="Deny")],
        [{**trust(), "Action": "sts:TagSession"}],
        [{**trust(), "Action": []}],
    ],
)
def test_any_other_policy_keeps_sagemaker_out(statements: list[dict[str, Any]]) -> None:
    assert not role_sessions.trusts_sagemaker(policy(*statements), ROLE, SCOPE)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "Execution",
        "arn:aws:iam::000000000000:user/Execution",
        "arn:aws:iam::000000000000:role/Nobody",
    ],
)
def test_a_role_that_does_not_exist_cannot_be_assumed(arn: str) -> None:
    with pytest.raises(RoleNotAssumable, match="ensure that the role exists"):
        role_sessions.assume_role(SCOPE, arn, "SageMaker")
