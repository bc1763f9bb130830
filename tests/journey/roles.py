"""The roles that people and pipelines assume where permissions are enforced (design D11)."""

import json
from collections.abc import Mapping

from tests.journey.operator import ROOT_KEYS, Operator

ACCOUNT = "000000000000"


def _trusting_the_account() -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def create_role(operator: Operator, name: str, policies: list[str]) -> None:
    """An administrator makes a role with these managed policies, as root, once."""
    assert operator.keys == ROOT_KEYS
    iam = operator.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_trusting_the_account())
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)


def detach_policies(operator: Operator, *names: str) -> None:
    """A policy that somebody still has cannot be deleted, so an administrator takes it away."""
    iam = operator.client("iam")
    for name in names:
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])


def assume(operator: Operator, role: str) -> Mapping[str, str]:
    """The keys of a session of the role, opened with the keys the operator holds."""
    answer = operator.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="journey"
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["SessionToken"],
    }
