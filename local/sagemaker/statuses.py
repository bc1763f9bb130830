"""The statuses of endpoints and of their updates, each change of which is saved and announced."""

import threading

from local.sagemaker import events
from local.sagemaker.platform import Platform
from local.sagemaker.records import Endpoint, Phase
from local.sagemaker.store import Store

LONGEST_REASON = 1024
DELETING = "Deleting"


class Unwanted(Exception):
    """The endpoint was deleted, or the cloud ends: what was being done to it is to stop."""


class Statuses:
    """Changes statuses. All methods take the store's lock, which may be held already."""

    def __init__(self, store: Store, platform: Platform) -> None:
        self._store = store
        self._platform = platform
        self._closed = threading.Event()

    @property
    def closed(self) -> threading.Event:
        """Set once the cloud ends."""
        return self._closed

    def wanted(self, endpoint: Endpoint) -> bool:
        """Whether work on an endpoint has still a point."""
        known = self._store.endpoints.find(endpoint.scope, endpoint.name)
        return known is endpoint and endpoint.status != DELETING and not self._closed.is_set()

    def require_wanted(self, endpoint: Endpoint) -> None:
        """Raises Unwanted."""
        with self._store.lock:
            if not self.wanted(endpoint):
                raise Unwanted

    def pause(self, endpoint: Endpoint, seconds: float) -> None:
        """Wait, no longer than the endpoint is wanted. Raises Unwanted."""
        with self._store.lock:
            if self._store.lock.wait_for(lambda: not self.wanted(endpoint), seconds):
                raise Unwanted

    def enter(self, endpoint: Endpoint, status: str, failure: str | None = None) -> None:
        """The endpoint has another status, and this is what went wrong, if anything did."""
        with self._store.lock:
            endpoint.status = status
            endpoint.failure_reason = failure[:LONGEST_REASON] if failure else None
            endpoint.modified = self._platform.clock()
            self._store.changed()
            events.endpoint_changed(self._platform.cloud, endpoint)

    def settle(self, endpoint: Endpoint, status: str, failure: str | None = None) -> None:
        """Nothing is under way any more."""
        with self._store.lock:
            endpoint.pending = None
            if endpoint.current is not None:
                endpoint.current.phase = None
            self.enter(endpoint, status, failure)

    def enter_phase(self, endpoint: Endpoint, status: str, message: str) -> None:
        """The deployment under way does something else now. Raises Unwanted."""
        with self._store.lock:
            self.require_wanted(endpoint)
            deployment = endpoint.pending or endpoint.current
            assert deployment is not None  # noqa: S101 - an update has one or the other
            deployment.phase = Phase(status=status, message=message, start=self._platform.clock())
            self._store.changed()
            events.deployment_changed(self._platform.cloud, endpoint)
