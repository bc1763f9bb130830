"""All records of all accounts and regions, under one lock, saved and restored as JSON."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from local.instance.wire import decode, encode
from local.sagemaker.errors import ApiError, already_exists, invalid, not_found
from local.sagemaker.ports import Scope
from local.sagemaker.records import (
    Endpoint,
    EndpointConfig,
    Model,
    Resource,
    TrainingJob,
    resource_arn,
)

R = TypeVar("R", bound=Resource)
VERSION = 1


class Registry(Generic[R]):
    """The resources of one kind. Names differ by more than their case (facts sheet C.1)."""

    def __init__(self, record: type[R]) -> None:
        self.record = record
        self._records: dict[tuple[str, str, str], R] = {}

    def add(self, record: R) -> None:
        """Raises ApiError when the name is taken."""
        key = self._key(record.scope, record.name)
        if key in self._records:
            raise already_exists(record.kind, record.arn)
        self._records[key] = record

    def find(self, scope: Scope, name: str) -> R | None:
        """None where there is no such resource."""
        return self._records.get(self._key(scope, name))

    def get(self, scope: Scope, name: str) -> R:
        """Raises ApiError where there is no such resource."""
        record = self.find(scope, name)
        if record is None:
            raise self.missing(scope, name)
        return record

    def missing(self, scope: Scope, name: str) -> ApiError:
        """What the service says of a name that does not exist."""
        return not_found(self.record.kind, resource_arn(scope, self.record.segment, name))

    def remove(self, record: R) -> None:
        """Does nothing when the record is gone already."""
        self._records.pop(self._key(record.scope, record.name), None)

    def of(self, scope: Scope) -> list[R]:
        """All resources of an account in a region."""
        return [record for record in self._records.values() if record.scope == scope]

    def __iter__(self) -> Iterator[R]:
        return iter(list(self._records.values()))

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()

    @staticmethod
    def _key(scope: Scope, name: str) -> tuple[str, str, str]:
        return scope.account, scope.region, name.lower()


class Store:
    """The registries. Hold `lock` to read or change records, or wait on it for a change."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.lock = threading.Condition(threading.RLock())
        self.models = Registry(Model)
        self.endpoint_configs = Registry(EndpointConfig)
        self.endpoints = Registry(Endpoint)
        self.training_jobs = Registry(TrainingJob)

    @property
    def registries(self) -> tuple[Registry[Any], ...]:
        """One a kind."""
        return self.models, self.endpoint_configs, self.endpoints, self.training_jobs

    def changed(self) -> None:
        """Wake who waits for a change and have it saved. Call with the lock held."""
        self.lock.notify_all()
        self._on_change()

    def by_arn(self, arn: str) -> Resource:
        """Raises ApiError when no resource has this ARN."""
        parts = arn.split(":", 5)
        segment, _, name = parts[5].partition("/")
        scope = Scope(account=parts[4], region=parts[3])
        for registry in self.registries:
            if registry.record.segment == segment:
                found: Resource = registry.get(scope, name)
                return found
        raise invalid(f"Tags of {segment} resources are not supported by the local cloud yet.")

    def snapshot(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        with self.lock:
            return {
                "version": VERSION,
                **{
                    each.record.segment: [encode(record) for record in each]
                    for each in self.registries
                },
            }

    def restore(self, state: dict[str, Any]) -> None:
        """Put back what `snapshot` gave. Raises ValueError for another version's state."""
        if not state:
            return
        if state.get("version") != VERSION:
            raise ValueError(f"the saved state has version {state.get('version')}, not {VERSION}")
        with self.lock:
            for registry in self.registries:
                registry.clear()
                for data in state.get(registry.record.segment, []):
                    registry.add(decode(registry.record, data))
