"""Deployments at work behind an endpoint, and which of them a request goes to."""

import random
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from local.sagemaker.backend import Backend
from local.sagemaker.fleet import Fleet
from local.sagemaker.records import Deployment
from local.sagemaker.server import NotLaunched
from local.sagemaker.serverless import ServerlessPool

Backends = dict[str, Backend]


@dataclass(eq=False, kw_only=True)
class Serving:
    """A deployment and what answers for its variants, by their names."""

    deployment: Deployment
    backends: Backends

    @property
    def fleets(self) -> list[Fleet]:
        """The instance-based variants at work."""
        return [each for each in self.backends.values() if isinstance(each, Fleet)]

    def tell_apart(self, apart: bool) -> None:
        """Whether its metrics also come under its configuration's name (facts sheet C.11)."""
        for backend in self.backends.values():
            backend.usage.config_name = self.deployment.config_name if apart else None

    def bring_up(self) -> None:
        """Start all and wait until all answer. Raises NotLaunched."""
        for backend in self.backends.values():
            backend.start()
        for backend in self.backends.values():
            backend.prove()

    def bring_back(self) -> str | None:
        """Start all; those that do not come up go on trying. What was wrong with the last."""
        for fleet in self.fleets:
            fleet.start()
        failure = None
        for fleet in self.fleets:
            try:
                fleet.prove()
            except NotLaunched as error:
                failure = str(error)
                fleet.persist()
        return failure

    def await_whole(self) -> bool:
        """Block until every instance answers; whether they do, and nothing was closed."""
        return all(fleet.await_whole() for fleet in self.fleets)

    def resize(self) -> str | None:
        """Bring the variants to their desired capacities: first what grows, for only that can fail.

        What was wrong with the first that did not grow, or None; then nothing has changed.
        """
        failure = self._reconfigure()
        if failure is not None:
            return failure
        growing = [each for each in self.fleets if each.variant.desired_instance_count > each.size]
        for fleet in growing:
            try:
                fleet.resize(fleet.variant.desired_instance_count)
            except NotLaunched as error:
                for other in growing:
                    other.resize(min(other.size, other.variant.instance_count))
                return f"Variant {fleet.variant.name}: {error}"
        for fleet in self.fleets:
            fleet.resize(fleet.variant.desired_instance_count)
        return None

    def _reconfigure(self) -> str | None:
        """Only a serverless variant that is the only one has a configuration of its own."""
        for backend in self.backends.values():
            before, wanted = backend.variant.serverless, backend.variant.desired_serverless
            if not isinstance(backend, ServerlessPool) or not wanted or wanted == before:
                continue
            try:
                backend.reconfigure(wanted)
            except NotLaunched as error:
                backend.reconfigure(before or wanted)
                return f"Variant {backend.variant.name}: {error}"
        return None


@dataclass(eq=False)
class Live:
    """Everything at work for one endpoint. Guarded by the store's lock.

    Two deployments share the requests while one takes over from the other; what has no share is
    still starting, or is being ended.
    """

    servings: list[Serving] = field(default_factory=list)

    def choose(self, luck: random.Random) -> Serving | None:
        """Which deployment answers a request; None where none serves."""
        sharing = self._sharing
        if len(sharing) < 2:
            return sharing[0] if sharing else None
        return luck.choices(sharing, [each.deployment.share for each in sharing])[0]

    @property
    def backends(self) -> list[Backend]:
        """Of all deployments."""
        return [backend for each in self.servings for backend in each.backends.values()]

    @property
    def answering(self) -> list[Backend]:
        """Of those that requests go to."""
        return [backend for each in self._sharing for backend in each.backends.values()]

    @property
    def _sharing(self) -> list[Serving]:
        return [each for each in self.servings if each.deployment.share > 0]


class TrafficShift:
    """Moves an endpoint's requests from what serves to a new deployment, and back.

    Call its methods with the store's lock held.
    """

    def __init__(self, live: Live, new: Serving) -> None:
        self._new = new
        self._before = {
            each: each.deployment.share for each in live.servings if each.deployment.share > 0
        }

    @property
    def old(self) -> list[Serving]:
        """What served before: one deployment, or the mix that a failed rollback left."""
        return list(self._before)

    def to(self, share: float) -> None:
        """The new deployment gets this share, the old ones divide the rest as before."""
        whole = sum(self._before.values())
        self._new.deployment.share = share
        for serving, before in self._before.items():
            serving.deployment.share = (1 - share) * before / whole


def end(servings: Iterable[Serving], *, drain: bool) -> None:
    """Stop all backends at the same time, and wait for them."""
    end_backends([b for serving in servings for b in serving.backends.values()], drain=drain)


def end_backends(backends: Sequence[Backend], *, drain: bool) -> None:
    """The same for single ones."""
    stoppers = [
        threading.Thread(target=backend.stop, kwargs={"drain": drain}, daemon=True)
        for backend in backends
    ]
    for stopper in stoppers:
        stopper.start()
    for stopper in stoppers:
        stopper.join()
