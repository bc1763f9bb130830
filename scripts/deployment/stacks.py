"""Stacks as they are deployed, and whether CloudFormation can take an update of them now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from scripts.deployment.templates import Template
from scripts.outputs import describe_stack, is_updating
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# The CDK CLI deletes such a stack and makes it again: nothing of it was ever used.
_NEVER_CREATED: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"})
_STUCK: Final = frozenset({"UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "CREATE_FAILED"})


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """A stack as CloudFormation has it."""

    name: str
    status: str
    template: Template | None
    """None where nothing was ever deployed to an end."""

    reason: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_progress(self) -> bool:
        return is_updating(self.status)

    def obstacle(self, id_: str) -> str | None:
        """Why an update would be refused, with the remedy; None when nothing is in its way."""
        stack = f"stack {self.name} is {self.status}"
        if self.in_progress:
            return (
                f"{stack}: another deployment is under way; wait for its end (`aws cloudformation "
                f"describe-stacks --stack-name {self.name}`), and repeat"
            )
        if self.status in _STUCK:
            return f"{stack}; free it with `npx cdk rollback {id_}`, and repeat"
        if self.status == "DELETE_FAILED":
            return (
                f"{stack} ({self.reason or 'no reason given'}); remove what is in its way, finish "
                f"with `npx cdk destroy '{id_}'`, and repeat"
            )
        return None


def deployed_stack(session: Session, name: str) -> DeployedStack | None:
    """A stack with the template it was last deployed with, or None when there is no such stack."""
    described = describe_stack(session, name)
    if described is None:
        return None
    status = described["StackStatus"]
    return DeployedStack(
        name=name,
        status=status,
        reason=described.get("StackStatusReason", ""),
        outputs={row["OutputKey"]: row["OutputValue"] for row in described.get("Outputs") or ()},
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags") or ()},
        template=None if status in _NEVER_CREATED else _template(session, name),
    )


def _template(session: Session, name: str) -> Template:
    cloudformation: CloudFormationClient = session.client("cloudformation")
    body: Any = cloudformation.get_template(StackName=name, TemplateStage="Original")
    found = body["TemplateBody"]
    # boto3 parses a JSON template; what is still text is one that it could not.
    template: Template = json.loads(found) if isinstance(found, str) else found
    return template
