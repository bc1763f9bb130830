"""What an environment's deployed stacks say about themselves: their CloudFormation outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from config import outputs
from scripts.errors import Refused
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The outputs of an environment's stacks, by key."""

    environment: str
    values: Mapping[str, str]

    def get(self, key: str) -> str | None:
        """An output that only some settings produce, such as an endpoint's name."""
        return self.values.get(key)

    def __getitem__(self, key: str) -> str:
        value = self.values.get(key)
        if value is None:
            raise Refused(
                f"environment {self.environment} has no stack output {key}; "
                f"run `darkroom bootstrap --env {self.environment}` first"
            )
        return value

    @property
    def datasets_bucket(self) -> str:
        return self[outputs.DATASETS_BUCKET]

    @property
    def artifacts_bucket(self) -> str:
        return self[outputs.ARTIFACTS_BUCKET]

    @property
    def training_role_arn(self) -> str:
        return self[outputs.TRAINING_ROLE_ARN]


def stack_outputs(session: Session, stacks: Sequence[str] = outputs.STACKS) -> Outputs:
    """The outputs of the environment's stacks, as far as they are deployed."""
    settings = session.settings
    values: dict[str, str] = {}
    for stack in stacks:
        values |= _outputs_of(session, outputs.stack_name(settings.app, settings.name, stack))
    return Outputs(environment=settings.name, values=values)


TOOLKIT: Final = "CDKToolkit"
"""The stack of the CDK's bootstrap."""

_SETTLED: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


def is_bootstrapped(session: Session) -> bool:
    """Whether the CDK's bootstrap of the account and region has come to a good end."""
    stack = describe_stack(session, TOOLKIT)
    return stack is not None and ended_well(stack)


def ended_well(stack: "StackTypeDef") -> bool:
    """Whether the stack is of use: one that was interrupted or not made is there as well."""
    return stack["StackStatus"] in _SETTLED


def is_updating(status: str) -> bool:
    """Whether CloudFormation works at a stack of this status; one in review waits for somebody."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _outputs_of(session: Session, stack_name: str) -> dict[str, str]:
    stack = describe_stack(session, stack_name)
    if stack is None:
        return {}
    rows = stack.get("Outputs", [])
    # What CDK exports from stack to stack is no business of a reader's.
    return {row["OutputKey"]: row["OutputValue"] for row in rows if "ExportName" not in row}


def describe_stack(session: Session, stack_name: str) -> "StackTypeDef | None":
    """CloudFormation's description of a stack, or None when there is no such stack."""
    cloudformation: CloudFormationClient = session.client("cloudformation")
    try:
        return cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
