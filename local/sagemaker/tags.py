"""AddTags, ListTags, DeleteTags: on every kind of resource alike."""

from typing import Any

from local.sagemaker.errors import ApiError, invalid
from local.sagemaker.ports import Scope
from local.sagemaker.records import Resource
from local.sagemaker.store import Store

MOST_TAGS = 50
RESERVED, OF_CLOUDFORMATION = "aws:", "aws:cloudformation:"


def read(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """A request's tags by key. Raises ApiError for a key given twice or reserved by AWS.

    CloudFormation's own keys pass: it marks its resources through the same operations.
    """
    by_key = {tag["Key"]: tag["Value"] for tag in tags or []}
    if len(by_key) < len(tags or []):
        raise invalid("Duplicate tag keys found. Please specify unique tag keys.")
    for key in by_key:
        if key.lower().startswith(RESERVED) and not key.startswith(OF_CLOUDFORMATION):
            raise invalid(f'Tag key "{key}": aws: prefixed tag key names are reserved by AWS.')
    return by_key


def show(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags as the API spells them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class Tags:
    """The tag operations; a resource is named by its ARN."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            record = self._tagged(scope, "AddTags", request)
            merged = record.tags | read(request["Tags"])
            if len(merged) > MOST_TAGS:
                raise invalid(f"A resource has at most {MOST_TAGS} tags, not {len(merged)}.")
            record.tags = merged
            self._store.changed()
            return {"Tags": show(merged)}

    def page(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        # At most 50 tags exist and a page holds at least 50: there is never a second one.
        with self._store.lock:
            return {"Tags": show(self._tagged(scope, "ListTags", request).tags)}

    def delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            record = self._tagged(scope, "DeleteTags", request)
            for key in request["TagKeys"]:
                record.tags.pop(key, None)
            self._store.changed()
        return {}

    def _tagged(self, scope: Scope, operation: str, request: dict[str, Any]) -> Resource:
        """Raises ApiError for what does not exist, or not in the caller's account and region."""
        arn: str = request["ResourceArn"]
        region, account = arn.split(":")[3:5]
        if account != scope.account:
            raise ApiError(
                "AccessDeniedException",
                f"Account {scope.account} is not authorized to perform: sagemaker:{operation} on "
                f"resource: {arn} because it belongs to another account.",
            )
        if region != scope.region:
            raise invalid(f'"{arn}" is in region {region}; this request went to {scope.region}.')
        return self._store.by_arn(arn)
