"""CloudFormation stacks from small templates, for the contract tests."""

import json
from typing import Any

from tests.local.running_cloud import RunningCloud, eventually


class Stack:
    """One stack; each operation returns when it is over."""

    def __init__(self, cloud: RunningCloud, name: str) -> None:
        self.name = name
        self._client = cloud.client("cloudformation")

    def create(
        self, template: dict[str, Any], tags: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Create the stack, which must succeed; its outputs."""
        assert self.try_create(template, tags) == "CREATE_COMPLETE", self.reasons()
        return self.outputs()

    def try_create(self, template: dict[str, Any], tags: dict[str, str] | None = None) -> str:
        """Create the stack; the status it ends in."""
        self._client.create_stack(**self._request(template, tags))
        return self.settled()

    def update(
        self, template: dict[str, Any], tags: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Update the stack, which must succeed; its outputs."""
        assert self.try_update(template, tags) == "UPDATE_COMPLETE", self.reasons()
        return self.outputs()

    def try_update(self, template: dict[str, Any], tags: dict[str, str] | None = None) -> str:
        """Update the stack; the status it ends in."""
        self._client.update_stack(**self._request(template, tags))
        return self.settled()

    def delete(self) -> str:
        """Delete the stack; the status it ends in."""
        self._id = self._describe()["StackId"]
        self._client.delete_stack(StackName=self.name)
        return self.settled(self._id)

    def outputs(self) -> dict[str, str]:
        return {row["OutputKey"]: row["OutputValue"] for row in self._describe().get("Outputs", [])}

    def reason(self, logical_id: str, status: str) -> str:
        """Why a resource came to a status, from the stack's events."""
        reasons: list[str] = [
            event["ResourceStatusReason"]
            for event in self._events()
            if (event["LogicalResourceId"], event["ResourceStatus"]) == (logical_id, status)
        ]
        return reasons[0]

    def reasons(self) -> list[str]:
        return [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in self._events()
            if event.get("ResourceStatusReason")
        ]

    def _events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self._client.describe_stack_events(StackName=self.name)[
            "StackEvents"
        ]
        return events

    def _describe(self, name: str | None = None) -> dict[str, Any]:
        stack: dict[str, Any] = self._client.describe_stacks(StackName=name or self.name)["Stacks"][
            0
        ]
        return stack

    def settled(self, name: str | None = None) -> str:
        """Wait until nothing is under way; the status the stack is in then."""

        def status() -> str | None:
            current: str = self._describe(name)["StackStatus"]
            return None if current.endswith("IN_PROGRESS") else current

        settled: str = eventually(status, within_seconds=60) or ""
        return settled

    def _request(self, template: dict[str, Any], tags: dict[str, str] | None) -> dict[str, Any]:
        return {
            "StackName": self.name,
            "TemplateBody": json.dumps(template),
            "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }
