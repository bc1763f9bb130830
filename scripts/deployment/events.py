"""What CloudFormation does to a stack, event by event, from the moment this begins to look."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

_STACK: Final = "AWS::CloudFormation::Stack"
_REMEMBERED: Final = 20
# What is undone because something else failed is no cause.
_CONSEQUENCES: Final = ("Resource creation cancelled", "Resource update cancelled")


@dataclass(frozen=True, kw_only=True)
class StackEvent:
    """One resource's, or the stack's own, change of status."""

    stack: str
    logical_id: str
    type: str
    status: str
    reason: str = ""

    @property
    def of_the_stack(self) -> bool:
        return self.type == _STACK

    @property
    def failed(self) -> bool:
        return self.status.endswith("_FAILED")

    @property
    def is_cause(self) -> bool:
        """A failure that others followed, not one that followed."""
        return self.failed and not self.of_the_stack and not self.reason.endswith(_CONSEQUENCES)


@dataclass(kw_only=True)
class StackEvents:
    """The events of one stack; those before the first look are passed over."""

    session: Session
    stack: str
    _seen: set[str] = field(default_factory=set)

    def pass_over(self) -> None:
        """Forget what has happened so far; the newest of it is enough to know the rest by."""
        for event in islice(self._pages(), _REMEMBERED):
            self._seen.add(event["EventId"])

    def new(self) -> list[StackEvent]:
        """What has happened since the last look, the oldest first."""
        found = []
        for event in self._pages():
            if event["EventId"] in self._seen:
                break  # the newest come first, so the rest is known
            self._seen.add(event["EventId"])
            found.append(self._read(event))
        return found[::-1]

    def _read(self, event: "StackEventTypeDef") -> StackEvent:
        return StackEvent(
            stack=self.stack,
            logical_id=event.get("LogicalResourceId", ""),
            type=event.get("ResourceType", ""),
            status=event.get("ResourceStatus", ""),
            reason=" ".join(event.get("ResourceStatusReason", "").split()),
        )

    def _pages(self) -> Iterator["StackEventTypeDef"]:
        cloudformation: CloudFormationClient = self.session.client("cloudformation")
        try:
            pages = cloudformation.get_paginator("describe_stack_events")
            for page in pages.paginate(StackName=self.stack):
                yield from page["StackEvents"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
