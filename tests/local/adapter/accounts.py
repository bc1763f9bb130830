"""Accounts of one running cloud, and sessions of roles in them."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.local.running_cloud import RunningCloud, create_role

DEV, PROD, STRANGER = "111111111111", "222222222222", "333333333333"


@dataclass
class Account(RunningCloud):
    """The same cloud, as the root of one of its accounts; a role's session where `keys` are."""

    account: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    def client(self, service: str, keys: dict[str, str] | None = None, **config: Any) -> Any:
        root = {"AccessKeyId": self.account, "SecretAccessKey": "test"}
        return super().client(service, keys or self.keys or root, **config)


def account(cloud: RunningCloud, name: str, keys: dict[str, str] | None = None) -> Account:
    return Account(cloud.directory, cloud.auth, record=cloud.record, account=name, keys=keys or {})


def session_of(owner: Account, *statements: dict[str, Any]) -> Account:
    """A session of a role of the account that may do what the statements say."""
    role = create_role(owner, f"role-{uuid.uuid4().hex[:8]}", trusting(owner.account), *statements)
    return assumed(owner, role)


def assumed(caller: Account, role: str) -> Account:
    answer = caller.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    return account(caller, role.split(":")[4], answer["Credentials"])


def trusting(name: str) -> dict[str, Any]:
    principal = {"AWS": f"arn:aws:iam::{name}:root"}
    return {
        "Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"},
    }
