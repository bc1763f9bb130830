"""List operations: filters, order and paging, the same for every kind of resource."""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from local.sagemaker.errors import invalid
from local.sagemaker.records import Resource

R = TypeVar("R", bound=Resource)
DEFAULT_PAGE = 10
_WINDOW: tuple[tuple[str, Callable[[Resource, float], bool]], ...] = (
    ("CreationTimeAfter", lambda record, when: record.created > when),
    ("CreationTimeBefore", lambda record, when: record.created < when),
    ("LastModifiedTimeAfter", lambda record, when: record.modified > when),
    ("LastModifiedTimeBefore", lambda record, when: record.modified < when),
)


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[R]):
    """How one kind is listed: the answer's member, a record's summary, the default order."""

    member: str
    summary: Callable[[R], dict[str, Any]]
    status: Callable[[R], str] = lambda _record: ""
    default_order: str = "Descending"

    def page(self, records: Iterable[R], request: dict[str, Any]) -> dict[str, Any]:
        """One page of what `request` asks for. Raises ApiError for a token that is not ours."""
        descending = request.get("SortOrder", self.default_order) == "Descending"
        sort_by = request.get("SortBy", "CreationTime")
        found = sorted(
            (record for record in records if self._matches(record, request)),
            key=lambda record: self._place(record, sort_by),
            reverse=descending,
        )
        after = _read_token(request.get("NextToken"), sort_by, descending)
        if after is not None:
            found = [
                record
                for record in found
                if (
                    self._place(record, sort_by) < after
                    if descending
                    else self._place(record, sort_by) > after
                )
            ]
        shown = found[: request.get("MaxResults", DEFAULT_PAGE)]
        answer: dict[str, Any] = {self.member: [self.summary(record) for record in shown]}
        if len(shown) < len(found):
            place = self._place(shown[-1], sort_by)
            answer["NextToken"] = _write_token(place, sort_by, descending)
        return answer

    def _matches(self, record: R, request: dict[str, Any]) -> bool:
        if request.get("NameContains", "").lower() not in record.name.lower():
            return False
        if request.get("StatusEquals") not in (None, self.status(record)):
            return False
        return all(
            holds(record, epoch(request[member])) for member, holds in _WINDOW if member in request
        )

    def _place(self, record: R, sort_by: str) -> tuple[Any, str]:
        """Where a record stands; with names the order is total: no page skips or repeats."""
        first = {"Name": record.name, "Status": self.status(record)}.get(sort_by, record.created)
        return first, record.name


def epoch(value: object) -> float:
    """A timestamp of a request in epoch seconds: the wire has numbers, CloudFormation has text."""
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise invalid(f"{value!r} is not a timestamp.") from None
    if not isinstance(value, datetime):
        raise invalid(f"{value!r} is not a timestamp.")
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def _write_token(place: tuple[Any, str], sort_by: str, descending: bool) -> str:
    return base64.urlsafe_b64encode(json.dumps([*place, sort_by, descending]).encode()).decode()


def _read_token(token: str | None, sort_by: str, descending: bool) -> tuple[Any, str] | None:
    if token is None:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, RecursionError):
        raise invalid("Invalid NextToken.") from None
    match content:
        case [str() | int() | float() as first, str() as name, *order]:
            pass
        case _:
            raise invalid("Invalid NextToken.")
    if order != [sort_by, descending]:
        raise invalid("The NextToken belongs to a list in another order.")
    if isinstance(first, str) != (sort_by in ("Name", "Status")):
        raise invalid("Invalid NextToken.")
    return first, name
