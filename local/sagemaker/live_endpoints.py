"""Endpoints at work: what answers for each, and the background work that changes it."""

import logging
import random
import threading
from collections.abc import Callable

from local.sagemaker.backend import Backend
from local.sagemaker.bake import Bake
from local.sagemaker.captures import Captures
from local.sagemaker.fleet import Fleet
from local.sagemaker.guardrails import plan_of
from local.sagemaker.platform import Platform
from local.sagemaker.records import Deployment, Endpoint, Variant
from local.sagemaker.rollouts import FAILURES, Course, Rollout, rollout_of
from local.sagemaker.server import NotLaunched, Place, Server
from local.sagemaker.serverless import ServerlessPool
from local.sagemaker.serving import Backends, Live, Serving, TrafficShift, end, end_backends
from local.sagemaker.statuses import Statuses, Unwanted
from local.sagemaker.store import Store
from local.sagemaker.usage import Usage

_log = logging.getLogger(__name__)


class LiveEndpoints:
    """Brings endpoints to what their records say. Every method returns at once.

    The threads work without the store's lock and take it to look and to change; a record that is
    gone or Deleting when they come back means that their work is not wanted any more.
    """

    def __init__(
        self, store: Store, platform: Platform, statuses: Statuses, captures: Captures
    ) -> None:
        self._store = store
        self._platform = platform
        self._statuses = statuses
        self._captures = captures
        self._live: dict[str, Live] = {}
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()

    def choose(self, endpoint: Endpoint, luck: random.Random) -> Serving | None:
        """What answers one request: while two deployments share them, one of the two by chance.

        None while nothing serves yet. Call with the store's lock held.
        """
        live = self._live.get(endpoint.arn)
        return live.choose(luck) if live else None

    def backends(self, endpoint: Endpoint) -> Backends:
        """What answers for each variant of the endpoint's current deployment."""
        with self._store.lock:
            live = self._live.get(endpoint.arn, Live())
            return next(
                (each.backends for each in live.servings if each.deployment is endpoint.current), {}
            )

    def deploy(self, endpoint: Endpoint) -> None:
        """Bring the pending deployment in as its DeploymentConfig says, end the old one (C.11)."""
        self._in_background(self._deploy, endpoint)

    def rescale(self, endpoint: Endpoint) -> None:
        """Bring instance counts and weights to the desired ones."""
        self._in_background(self._rescale, endpoint)

    def delete(self, endpoint: Endpoint) -> None:
        """End every process, then forget the endpoint."""
        self._in_background(self._delete, endpoint)

    def revive(self, endpoint: Endpoint) -> None:
        """After a restart: start the servers again, then go on with what was under way.

        An update starts anew, from its first step; one that was being rolled back is not tried
        again.
        """
        with self._store.lock:
            live = self._live[endpoint.arn] = Live()
            if endpoint.current is not None:
                endpoint.current.share = 1.0
                live.servings.append(self._serving(endpoint, endpoint.current))
        self._in_background(self._revive, endpoint)

    def shutdown(self) -> None:
        """End every process of every endpoint. Blocks for a few seconds at most."""
        self._statuses.closed.set()
        self.clear()

    def clear(self) -> None:
        """End every process of every endpoint, orderly if that is quick, and forget them."""
        with self._store.lock:
            lives, self._live = list(self._live.values()), {}
            self._store.lock.notify_all()  # for the updates that wait
        backends = [backend for live in lives for backend in live.backends]
        stopping = threading.Thread(
            target=end_backends, args=(backends,), kwargs={"drain": False}, daemon=True
        )
        stopping.start()
        stopping.join(self._platform.timings.shutdown_seconds)
        for backend in backends:
            backend.kill()

    def _deploy(self, endpoint: Endpoint) -> None:
        with self._store.lock:
            self._statuses.require_wanted(endpoint)
            if endpoint.pending is None:
                return
            deployment = endpoint.pending
            live = self._live.setdefault(endpoint.arn, Live())
            new = self._serving(endpoint, deployment)
            shift = TrafficShift(live, new)
            live.servings.append(new)
            rollout = self._rollout(endpoint, new, shift)
        try:
            rollout.advance()
        except FAILURES as error:
            self._go_back(endpoint, rollout, new, str(error))
            return
        with self._store.lock:
            self._statuses.require_wanted(endpoint)
            endpoint.current, endpoint.pending = deployment, None
            new.tell_apart(False)
            if shift.old:
                self._statuses.enter_phase(endpoint, "Deleting", "Ending the old fleet")
        self._retire(live, shift.old)
        self._settle(endpoint, "InService")

    def _rollout(self, endpoint: Endpoint, new: Serving, shift: TrafficShift) -> Rollout:
        deployment = new.deployment
        deployment.share, deployment.phase = 0.0, None
        # The policy is of no use to a new endpoint: there is nothing to take over from (C.11).
        plan = plan_of(deployment.config if shift.old else None, deployment)
        for variant in deployment.everything:
            variant.instance_count = 0
        new.tell_apart(bool(shift.old))
        course = Course(
            endpoint=endpoint,
            new=new,
            shift=shift,
            bake=Bake(endpoint, deployment, plan, self._platform),
            statuses=self._statuses,
            store=self._store,
        )
        return rollout_of(plan, course)

    def _go_back(self, endpoint: Endpoint, rollout: Rollout, new: Serving, failure: str) -> None:
        with self._store.lock:
            self._statuses.require_wanted(endpoint)
            live = self._live[endpoint.arn]
            if endpoint.current is None:
                self._statuses.settle(endpoint, "Failed", failure)
            else:
                self._statuses.enter(endpoint, "RollingBack", failure)
        try:
            rollout.retreat()
        except NotLaunched as error:
            both = f"{failure} The rollback failed too: {error}"
            self._settle(endpoint, "UpdateRollbackFailed", both)
            return
        with self._store.lock:
            live.servings.remove(new)
            mixed = len(live.servings) > 1  # an earlier rollback failed, and this repaired nothing
        if endpoint.current is not None:
            self._settle(endpoint, "UpdateRollbackFailed" if mixed else "InService", failure)

    def _retire(self, live: Live, servings: list[Serving]) -> None:
        end(servings, drain=True)
        with self._store.lock:
            live.servings = [each for each in live.servings if each not in servings]

    def _rescale(self, endpoint: Endpoint) -> None:
        with self._store.lock:
            self._statuses.require_wanted(endpoint)
            serving = self._live[endpoint.arn].servings[0]
            deployment = serving.deployment
            self._statuses.enter_phase(endpoint, "Updating", "Changing weights and capacities")
        failure = serving.resize()
        with self._store.lock:
            self._statuses.require_wanted(endpoint)
            if failure is None:
                _reach_desired(deployment)
            else:  # what there was serves on
                _give_up_desired(deployment)
                self._statuses.enter(endpoint, "RollingBack", failure)
        self._settle(endpoint, "InService", failure)

    def _delete(self, endpoint: Endpoint) -> None:
        with self._store.lock:
            live = self._live.pop(endpoint.arn, Live())
        end(live.servings, drain=True)
        self._captures.forget(endpoint)
        with self._store.lock:
            if self._store.endpoints.find(endpoint.scope, endpoint.name) is endpoint:
                self._store.endpoints.remove(endpoint)
                self._store.changed()

    def _revive(self, endpoint: Endpoint) -> None:
        earlier = endpoint.failure_reason
        with self._store.lock:
            servings = list(self._live[endpoint.arn].servings)
        for serving in servings:
            failure = serving.bring_back()
            if failure is None:
                continue
            with self._store.lock:
                self._statuses.require_wanted(endpoint)
                self._statuses.enter(endpoint, endpoint.status, failure)
            # An update that was under way may be what repairs it: that goes on at once.
            if endpoint.pending is None and not serving.await_whole():
                return
        with self._store.lock:
            self._statuses.require_wanted(endpoint)
            if endpoint.current is not None:
                _reach_desired(endpoint.current)
        if endpoint.pending is None:
            self._settle(endpoint, "InService", earlier)
        else:
            self._deploy(endpoint)

    def _settle(self, endpoint: Endpoint, status: str, failure: str | None = None) -> None:
        with self._store.lock:
            self._statuses.require_wanted(endpoint)
            self._statuses.settle(endpoint, status, failure)

    def _serving(self, endpoint: Endpoint, deployment: Deployment) -> Serving:
        place = Place(scope=endpoint.scope, endpoint_name=endpoint.name)

        def launch(variant: Variant) -> Server:
            return Server(place, variant, self._platform)

        backends: Backends = {}
        for variant in deployment.everything:
            kind = ServerlessPool if variant.serverless else Fleet
            usage = Usage(endpoint.name, variant.name)
            backends[variant.name] = kind(variant, launch, usage, self._platform)
        return Serving(deployment=deployment, backends=backends)

    def _keep_house(self) -> None:
        while not self._statuses.closed.wait(self._platform.timings.housekeeping_seconds):
            with self._store.lock:
                backends: list[Backend] = []
                for live in self._live.values():
                    backends += live.answering
            for backend in backends:
                try:
                    backend.tick()
                except Exception:  # noqa: BLE001 - the others are kept as well
                    _log.exception("variant %s was not looked after", backend.variant.name)

    def _in_background(self, work: Callable[[Endpoint], None], endpoint: Endpoint) -> None:
        def attempt() -> None:
            try:
                work(endpoint)
            except Unwanted:
                return
            except Exception as error:  # noqa: BLE001 - who waits for the endpoint must hear of it
                _log.exception("the work on endpoint %s was not finished", endpoint.name)
                self._break_off(endpoint, f"InternalServerError: {error}")

        threading.Thread(target=attempt, name=endpoint.name, daemon=True).start()

    def _break_off(self, endpoint: Endpoint, failure: str) -> None:
        """What serves goes on serving; what was being brought up ends."""
        with self._store.lock:
            live = self._live.get(endpoint.arn, Live())
            lasting = [each for each in live.servings if each.deployment is endpoint.current]
            others = [each for each in live.servings if each not in lasting]
            live.servings = lasting
            if self._statuses.wanted(endpoint):
                serves = endpoint.current is not None
                if endpoint.current is not None:
                    endpoint.current.share = 1.0
                    _give_up_desired(endpoint.current)
                self._statuses.settle(endpoint, "InService" if serves else "Failed", failure)
        end(others, drain=False)


def _reach_desired(deployment: Deployment) -> None:
    for variant in deployment.everything:
        variant.instance_count = variant.desired_instance_count
        variant.weight = variant.desired_weight
        variant.serverless = variant.desired_serverless


def _give_up_desired(deployment: Deployment) -> None:
    for variant in deployment.everything:
        variant.desired_instance_count = variant.instance_count
        variant.desired_weight = variant.weight
        variant.desired_serverless = variant.serverless
