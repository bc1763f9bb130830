"""The pages of the Describe operations."""

import base64
from collections.abc import Sequence
from typing import Any

from local.autoscaling.records import Record
from local.autoscaling.variants import check_namespace
from local.sagemaker.errors import ApiError, invalid
from local.sagemaker.ports import Scope

MOST = 50


def matches(record: Record, scope: Scope, request: dict[str, Any]) -> bool:
    """Whether a record is the caller's and about what the request names, if it names anything."""
    return (
        record.scope == scope
        and request.get("ResourceId") in (None, record.variant.resource_id)
        and request.get("ScalableDimension") in (None, record.dimension)
    )


def check(request: dict[str, Any]) -> None:
    """Raises ApiError for what the service does not list."""
    check_namespace(request)
    names_resource = request.get("ResourceId") or request.get("ResourceIds")
    if request.get("ScalableDimension") and not names_resource:
        raise invalid("A scalable dimension can be specified together with a resource ID only.")


def page(member: str, found: Sequence[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """One page of what was found. Raises ApiError for a token that is not ours."""
    most = request.get("MaxResults") or MOST
    if not 1 <= most <= MOST:
        raise invalid(f"MaxResults must be from 1 to {MOST}, not {most}.")
    first = _first(request.get("NextToken"))
    answer: dict[str, Any] = {member: list(found[first : first + most])}
    if first + most < len(found):
        answer["NextToken"] = base64.urlsafe_b64encode(str(first + most).encode()).decode()
    return answer


def _first(token: str | None) -> int:
    if not token:
        return 0
    try:
        return max(0, int(base64.urlsafe_b64decode(token)))
    except ValueError:
        raise ApiError("InvalidNextTokenException", "The next token is not valid.") from None
