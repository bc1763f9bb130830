"""The roles that people and pipelines assume where permissions are enforced (design D11)."""

import json
from dataclasses import replace

from tests.journey.operator import Operator


def trusting(account: str) -> str:
    """The trust policy of a role that an account hands to whom it likes."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )


def create_role(operator: Operator, name: str, policies: list[str]) -> None:
    """An administrator makes a role with these managed policies, as root, once."""
    assert operator.is_root
    iam = operator.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(operator.account))
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)


def detach_policies(operator: Operator, *names: str) -> None:
    """A policy that somebody still has cannot be deleted, so an administrator takes it away."""
    iam = operator.client("iam")
    for name in names:
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])


def open_to_people(operator: Operator, role_arn: str) -> None:
    """Let people take on a role that is SageMaker's alone, to see what it may; as root."""
    operator.client("iam").update_assume_role_policy(
        RoleName=role_arn.rpartition("/")[2], PolicyDocument=trusting(operator.account)
    )


def somebody_as(operator: Operator, role: str) -> Operator:
    """Whoever works under the role, named or by its ARN, with the keys of a session of it."""
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{operator.account}:role/{role}"
    answer = operator.client("sts").assume_role(RoleArn=arn, RoleSessionName="journey")
    session = answer["Credentials"]
    keys = {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }
    return replace(operator, keys=keys, account=arn.split(":")[4])
