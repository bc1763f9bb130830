"""One model server as the cloud sees it: an agent, and an HTTP port once it is healthy."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from local.instance.assignment import HostingAssignment
from local.sagemaker.agent import Agent, Event
from local.sagemaker.exchange import ContainerHttp, ModelAnswer, NeverSent
from local.sagemaker.invocation import Invocation
from local.sagemaker.platform import Platform, instance_id
from local.sagemaker.ports import RoleNotAssumable, Scope
from local.sagemaker.records import Variant
from local.sagemaker.timings import MEBIBYTE

UNREACHABLE_SECONDS = 0.25
"""A server that refused a connection is passed over for so long; its agent knows more by then."""
_log = logging.getLogger(__name__)


class NotLaunched(Exception):
    """A model server did not come up; the text is the endpoint's FailureReason."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which endpoint a server belongs to."""

    scope: Scope
    endpoint_name: str


class Server:
    """Starts when constructed. Thread-safe."""

    def __init__(self, place: Place, variant: Variant, platform: Platform) -> None:
        self.instance_id = instance_id()
        self._place = place
        self._variant = variant
        self._platform = platform
        self._change = threading.Condition()
        self._http: ContainerHttp | None = None
        self._unreachable_until = 0.0
        self._launched = time.monotonic()
        self.startup_seconds: float | None = None
        """From its launch to its first healthy /ping; None until then."""
        self._failure: str | None = None
        self._agent: Agent | None = None
        try:
            self._launch()
        except Exception as error:  # noqa: BLE001 - no process to be had, say: it has failed
            _log.exception("a model server of variant %s was not started", variant.name)
            self._failure = f"InternalServerError: {error}"

    @property
    def ready(self) -> bool:
        """Whether requests can be sent to it."""
        return (
            self._http is not None
            and self._failure is None
            and (not self._unreachable_until or time.monotonic() >= self._unreachable_until)
        )

    @property
    def failed(self) -> bool:
        """Whether it is gone for good, wanted or not."""
        return self._failure is not None

    def await_ready(self, timeout: float | None = None) -> bool:
        """Block until it answers /ping, or `timeout` is over; whether it does.

        Raises NotLaunched when it never will, or was stopped.
        """
        with self._change:
            # The agent watches the clock; it always reports, or ends, and either ends this wait.
            self._change.wait_for(
                lambda: self._http is not None or self._failure is not None, timeout
            )
            if self._failure is not None:
                raise NotLaunched(self._failure)
            return self._http is not None

    def await_end(self) -> None:
        """Block until it has failed or ended."""
        with self._change:
            self._change.wait_for(lambda: self._failure is not None)

    def ask(self, invocation: Invocation, limit_bytes: int) -> ModelAnswer:
        """Send one request to the container. Raises Unanswered."""
        http = self._http
        if http is None:
            raise NeverSent("the model server is not up", 0.0)
        try:
            return http.ask(invocation, limit_bytes)
        except NeverSent:
            self._unreachable_until = time.monotonic() + UNREACHABLE_SECONDS
            raise

    def publish(self, data: list[dict[str, Any]]) -> None:
        """Have metrics published with the session of the variant's role."""
        if self._agent is not None:
            self._agent.publish(data)

    def stop(self) -> None:
        """Ask it to end; `wait` for it."""
        if self._agent is not None:
            self._agent.stop()

    def kill(self) -> None:
        """End it at once."""
        if self._agent is not None:
            self._agent.kill()

    def wait(self, timeout: float) -> bool:
        """Whether its processes ended within `timeout` seconds."""
        return self._agent is None or self._agent.wait(timeout)

    def _launch(self) -> None:
        variant, platform = self._variant, self._platform
        image = platform.images.get(variant.image)
        if image is None:
            self._failure = (
                "Please make sure all images included in the model for the production variant "
                f"{variant.name} exist, and that the execution role used to create the model has "
                f"permissions to access them. ({variant.image} is none of the local cloud's "
                f"images: {platform.images.known()})"
            )
            return
        try:
            session = platform.session(self._place.scope, variant.role_arn, self.instance_id)
        except RoleNotAssumable as error:
            self._failure = f"SageMaker was unable to assume the role '{variant.role_arn}'. {error}"
            return
        assignment = HostingAssignment(
            endpoint_name=self._place.endpoint_name,
            variant_name=variant.name,
            instance_id=self.instance_id,
            directory=platform.directory(f"{self._place.endpoint_name}-{variant.name}"),
            session=session,
            container=image,
            environment=variant.environment,
            network_isolation=variant.network_isolation,
            utilization_seconds=variant.metrics_period_seconds
            or platform.timings.utilization_seconds,
            memory_bytes=_memory_bytes(variant),
            model_data_url=variant.model_data_url,
            model_bytes_limit=platform.timings.model_bytes,
            download_timeout_seconds=variant.download_timeout_seconds,
            ping_timeout_seconds=variant.ping_timeout_seconds,
            stop_grace_seconds=platform.timings.hosting_stop_grace_seconds,
            ping_interval_seconds=platform.timings.ping_interval_seconds,
            ping_failures=platform.timings.ping_failures,
        )
        self._agent = Agent(assignment, self._heard, self._ended)

    def _heard(self, event: Event) -> None:
        with self._change:
            match event["event"]:
                case "ready":
                    timings = self._platform.timings
                    self.startup_seconds = time.monotonic() - self._launched
                    self._http = ContainerHttp(
                        event["port"],
                        answer_seconds=timings.invocation_seconds,
                        idle_seconds=timings.idle_connection_seconds,
                    )
                case "failed":
                    self._failure = event["reason"]
                case "container_ended" if self._failure is None:
                    self._failure = "the model server ended"
            self._change.notify_all()

    def _ended(self) -> None:
        with self._change:
            if self._failure is None:
                self._failure = "the process that ran the model server was lost"
            self._change.notify_all()


def _memory_bytes(variant: Variant) -> int | None:
    """What a serverless environment is given; an instance is given this whole machine."""
    return variant.serverless["MemorySizeInMB"] * MEBIBYTE if variant.serverless else None
