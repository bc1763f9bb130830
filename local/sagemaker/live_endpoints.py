"""Endpoints at work: what answers for each, and the background work that changes it."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from local.sagemaker.backend import Backend
from local.sagemaker.fleet import Fleet
from local.sagemaker.platform import Platform
from local.sagemaker.records import Deployment, Endpoint, Variant
from local.sagemaker.server import NotLaunched, Place, Server
from local.sagemaker.serverless import ServerlessProcess
from local.sagemaker.store import Store
from local.sagemaker.usage import Usage

LONGEST_REASON = 1024
Backends = dict[str, Backend]
_log = logging.getLogger(__name__)


@dataclass
class Live:
    """The processes of one endpoint: those that serve, and those about to."""

    serving: Backends = field(default_factory=dict)
    starting: Backends = field(default_factory=dict)

    def everything(self) -> list[Backend]:
        return [*self.serving.values(), *self.starting.values()]


class LiveEndpoints:
    """Brings endpoints to what their records say. Every method returns at once.

    The threads work without the store's lock and take it to look and to change; a record that is
    gone or Deleting when they come back means that their work is not wanted any more.
    """

    def __init__(self, store: Store, platform: Platform) -> None:
        self._store = store
        self._platform = platform
        self._live: dict[str, Live] = {}
        self._ended = threading.Event()
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()

    def backends(self, endpoint: Endpoint) -> Backends:
        """What serves an endpoint's variants now."""
        with self._store.lock:
            live = self._live.get(endpoint.arn)
            return dict(live.serving) if live else {}

    def deploy(self, endpoint: Endpoint) -> None:
        """Bring up the pending deployment, switch to it all at once, end the old one (C.11)."""
        self._in_background(self._deploy, endpoint)

    def rescale(self, endpoint: Endpoint) -> None:
        """Bring instance counts and weights to the desired ones."""
        self._in_background(self._rescale, endpoint)

    def delete(self, endpoint: Endpoint) -> None:
        """End every process, then forget the endpoint."""
        self._in_background(self._delete, endpoint)

    def revive(self, endpoint: Endpoint) -> None:
        """After a restart: start the servers again, then go on with what was under way."""
        with self._store.lock:
            live = self._live[endpoint.arn] = Live()
            if endpoint.current is not None:
                live.serving = self._backends(endpoint, endpoint.current)
        self._in_background(self._revive, endpoint)

    def shutdown(self) -> None:
        """End every process of every endpoint. Blocks for a few seconds at most."""
        self._ended.set()
        self.clear()

    def clear(self) -> None:
        """End every process of every endpoint, orderly if that is quick, and forget them."""
        with self._store.lock:
            lives, self._live = list(self._live.values()), {}
        backends = [backend for live in lives for backend in live.everything()]
        stoppers = [
            threading.Thread(target=backend.stop, kwargs={"drain": False}, daemon=True)
            for backend in backends
        ]
        for stopper in stoppers:
            stopper.start()
        deadline = time.monotonic() + self._platform.timings.shutdown_seconds
        for stopper in stoppers:
            stopper.join(max(0.0, deadline - time.monotonic()))
        for backend in backends:
            backend.kill()

    def _deploy(self, endpoint: Endpoint) -> None:
        with self._store.lock:
            if not self._wanted(endpoint) or endpoint.pending is None:
                return
            pending = endpoint.pending
            live = self._live.setdefault(endpoint.arn, Live())
            backends = live.starting = self._backends(endpoint, pending)
        failure = _bring_up(backends.values())
        with self._store.lock:
            live.starting = {}
            wanted = self._wanted(endpoint) and self._live.get(endpoint.arn) is live
            if wanted and failure is None:
                retired, live.serving = live.serving, backends
                endpoint.current = pending
                self._settle(endpoint, "InService", None)
            else:
                retired = backends
                if wanted:  # the old deployment, if there is one, has never stopped serving
                    status = "Failed" if endpoint.current is None else "InService"
                    self._settle(endpoint, status, failure)
        for backend in retired.values():
            backend.stop(drain=True)

    def _rescale(self, endpoint: Endpoint) -> None:
        fleets = [each for each in self.backends(endpoint).values() if isinstance(each, Fleet)]
        failure = _resize(fleets)
        with self._store.lock:
            if not self._wanted(endpoint) or endpoint.current is None:
                return
            if failure is None:
                _reach_desired(endpoint.current)
            else:
                _give_up_desired(endpoint.current)
                endpoint.status = "RollingBack"
                self._store.changed()
        if failure is not None:
            _resize(fleets)  # back to what there was; what serves has never stopped
        with self._store.lock:
            if self._wanted(endpoint):
                self._settle(endpoint, "InService", failure)

    def _delete(self, endpoint: Endpoint) -> None:
        with self._store.lock:
            live = self._live.pop(endpoint.arn, Live())
        stoppers = [
            threading.Thread(target=backend.stop, kwargs={"drain": True})
            for backend in live.everything()
        ]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()
        with self._store.lock:
            if self._store.endpoints.find(endpoint.scope, endpoint.name) is endpoint:
                self._store.endpoints.remove(endpoint)
                self._store.changed()

    def _revive(self, endpoint: Endpoint) -> None:
        earlier = endpoint.failure_reason
        fleets = [each for each in self.backends(endpoint).values() if isinstance(each, Fleet)]
        failure = _bring_back(fleets)
        if failure is not None:
            with self._store.lock:
                if self._wanted(endpoint):
                    endpoint.failure_reason = failure[:LONGEST_REASON]
                    self._store.changed()
            # An update that was under way may be what repairs it: that goes on at once.
            if endpoint.pending is None and not all(fleet.await_whole() for fleet in fleets):
                return
        with self._store.lock:
            if not self._wanted(endpoint):
                return
            if endpoint.current is not None:
                _reach_desired(endpoint.current)
            if endpoint.pending is None:
                self._settle(endpoint, "InService", earlier)
        self._deploy(endpoint)

    def _settle(self, endpoint: Endpoint, status: str, failure: str | None) -> None:
        endpoint.status = status
        endpoint.failure_reason = failure[:LONGEST_REASON] if failure else None
        endpoint.pending = None
        endpoint.modified = self._platform.clock()
        self._store.changed()

    def _wanted(self, endpoint: Endpoint) -> bool:
        known = self._store.endpoints.find(endpoint.scope, endpoint.name)
        return known is endpoint and endpoint.status != "Deleting" and not self._ended.is_set()

    def _backends(self, endpoint: Endpoint, deployment: Deployment) -> Backends:
        place = Place(scope=endpoint.scope, endpoint_name=endpoint.name)

        def launch(variant: Variant) -> Server:
            return Server(place, variant, self._platform)

        found: Backends = {}
        for variant in deployment.variants:
            kind = ServerlessProcess if variant.serverless else Fleet
            usage = Usage(endpoint.name, variant.name)
            found[variant.name] = kind(variant, launch, usage, self._platform)
        return found

    def _keep_house(self) -> None:
        while not self._ended.wait(self._platform.timings.housekeeping_seconds):
            with self._store.lock:
                backends = [each for live in self._live.values() for each in live.serving.values()]
            for backend in backends:
                backend.tick()

    def _in_background(self, work: Callable[[Endpoint], None], endpoint: Endpoint) -> None:
        def attempt() -> None:
            try:
                work(endpoint)
            except Exception as error:  # noqa: BLE001 - who waits for the endpoint must hear of it
                _log.exception("the work on endpoint %s was not finished", endpoint.name)
                self._break_off(endpoint, f"InternalServerError: {error}")

        threading.Thread(target=attempt, name=endpoint.name, daemon=True).start()

    def _break_off(self, endpoint: Endpoint, failure: str) -> None:
        """What serves goes on serving; what was being brought up ends."""
        with self._store.lock:
            live = self._live.get(endpoint.arn, Live())
            started, live.starting = live.starting, {}
            if self._store.endpoints.find(endpoint.scope, endpoint.name) is endpoint:
                serves = endpoint.current is not None and endpoint.status != "Deleting"
                if endpoint.current is not None:
                    _give_up_desired(endpoint.current)
                self._settle(endpoint, "InService" if serves else "Failed", failure)
        for backend in started.values():
            backend.stop(drain=False)


def _reach_desired(deployment: Deployment) -> None:
    for variant in deployment.variants:
        variant.instance_count = variant.desired_instance_count
        variant.weight = variant.desired_weight


def _give_up_desired(deployment: Deployment) -> None:
    for variant in deployment.variants:
        variant.desired_instance_count = variant.instance_count
        variant.desired_weight = variant.weight


def _bring_back(fleets: Iterable[Fleet]) -> str | None:
    """Start all; those that do not come up go on trying. What was wrong with the last of them."""
    started = list(fleets)
    for fleet in started:
        fleet.start()
    failure = None
    for fleet in started:
        try:
            fleet.prove()
        except NotLaunched as error:
            failure = str(error)
            fleet.persist()
    return failure


def _resize(fleets: Iterable[Fleet]) -> str | None:
    """Bring fleets to their desired sizes. What was wrong with the first that did not, or None."""
    for fleet in fleets:
        try:
            fleet.resize(fleet.variant.desired_instance_count)
        except NotLaunched as error:
            return f"Variant {fleet.variant.name}: {error}"
    return None


def _bring_up(backends: Iterable[Backend]) -> str | None:
    """Start all, then wait for all. What was wrong with the first that did not come up, or None."""
    started = list(backends)
    for backend in started:
        backend.start()
    for backend in started:
        try:
            backend.prove()
        except NotLaunched as error:
            return str(error)
    return None
