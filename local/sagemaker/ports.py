"""What SageMaker and the cloud around it ask of each other; neither knows more of the other."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The account and region that a request speaks for; every name is unique within one."""

    account: str
    region: str

    def arn(self, resource: str) -> str:
        """`arn:aws:sagemaker:...` of a resource such as `endpoint/digits` (facts sheet C)."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A role session's keys, as STS would hand them out."""

    access_key_id: str
    secret_access_key: str
    session_token: str

    def environment(self) -> dict[str, str]:
        """The variables in which AWS clients look for them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


class RoleNotAssumable(Exception):
    """The role does not exist, or its trust policy does not let sagemaker.amazonaws.com in."""


class Cloud(Protocol):
    """The cloud around SageMaker: where its HTTP front is, who may act as a role, what is saved."""

    @property
    def endpoint_url(self) -> str:
        """The loopback URL at which S3, CloudWatch Logs and CloudWatch answer."""

    @property
    def data_directory(self) -> Path:
        """Where jobs and model servers keep their files; survives a restart."""

    def assume_role(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        """Open a session of `role_arn` as the SageMaker service does. Raises RoleNotAssumable."""

    def changed(self) -> None:
        """Say that `SageMaker.snapshot()` would now differ, so that it is saved soon."""

    def emit(
        self, scope: Scope, detail_type: str, resources: list[str], detail: dict[str, Any]
    ) -> None:
        """Put an event of `aws.sagemaker` on the default bus (F.3). Returns at once."""

    def scaled_variants(self, scope: Scope, endpoint_name: str) -> Collection[str]:
        """The endpoint's variants that Application Auto Scaling holds (C.10). Never waits."""
