"""One model server as the cloud sees it: an agent, and an HTTP port once it is healthy."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

import urllib3
import urllib3.connection

from local.instance.assignment import HostingAssignment
from local.sagemaker.agent import Agent, Event
from local.sagemaker.invocation import Invocation
from local.sagemaker.platform import Platform, instance_id
from local.sagemaker.ports import RoleNotAssumable, Scope
from local.sagemaker.records import Variant

HOST = "127.0.0.1"
POOLED_CONNECTIONS = 64
CONNECT_SECONDS = 5.0
CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"
_log = logging.getLogger(__name__)


class NotLaunched(Exception):
    """A model server did not come up; the text is the endpoint's FailureReason."""


class TimedOut(Exception):
    """The model did not answer in time."""


class ConnectionLost(Exception):
    """The model server went away without an answer."""


@dataclass(frozen=True, kw_only=True)
class ModelAnswer:
    """What the container answered; the body is cut one byte above the limit."""

    status: int
    content_type: str
    custom_attributes: str | None
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which endpoint a server belongs to."""

    scope: Scope
    endpoint_name: str


class ShortIdleConnection(urllib3.connection.HTTPConnection):
    """A kept-alive connection that counts as dropped once it was idle for a while.

    Servers close idle connections themselves (gunicorn after 2 seconds), and a request sent into
    that close is lost; it cannot be sent again, for nobody knows whether it was worked on.
    """

    def __init__(self, *given: Any, idle_seconds: float, **named: Any) -> None:
        super().__init__(*given, **named)
        self._idle_seconds = idle_seconds
        self._used = time.monotonic()

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._used < self._idle_seconds

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as in urllib3
        response = super().getresponse()
        self._used = time.monotonic()
        return response


class ModelServerPool(urllib3.HTTPConnectionPool):
    """Connections to one model server."""

    ConnectionCls = ShortIdleConnection


class Server:
    """Starts when constructed. Thread-safe."""

    def __init__(self, place: Place, variant: Variant, platform: Platform) -> None:
        self.instance_id = instance_id()
        self.outstanding = 0
        self._place = place
        self._variant = variant
        self._platform = platform
        self._change = threading.Condition()
        self._pool: urllib3.HTTPConnectionPool | None = None
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
        return self._pool is not None and self._failure is None

    @property
    def failed(self) -> bool:
        """Whether it is gone for good, wanted or not."""
        return self._failure is not None

    def await_ready(self) -> None:
        """Block until it answers /ping. Raises NotLaunched when it does not, or was stopped."""
        with self._change:
            # The agent watches the clock; it always reports, or ends, and either ends this wait.
            self._change.wait_for(lambda: self._pool is not None or self._failure is not None)
            if self._failure is not None:
                raise NotLaunched(self._failure)

    def await_end(self) -> None:
        """Block until it has failed or ended."""
        with self._change:
            self._change.wait_for(lambda: self._failure is not None)

    def ask(self, invocation: Invocation, limit_bytes: int) -> ModelAnswer:
        """Send one request to the container. Raises TimedOut or ConnectionLost."""
        pool = self._pool
        if pool is None:
            raise ConnectionLost("the model server is not up")
        with self._change:
            self.outstanding += 1
        try:
            return self._exchange(pool, invocation, limit_bytes)
        finally:
            with self._change:
                self.outstanding -= 1
                self._change.notify_all()

    def drain(self, timeout: float) -> None:
        """Wait until no request is under way."""
        with self._change:
            self._change.wait_for(lambda: self.outstanding == 0 or self.failed, timeout)

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
                    self._pool = ModelServerPool(
                        HOST,
                        event["port"],
                        maxsize=POOLED_CONNECTIONS,
                        retries=False,
                        idle_seconds=self._platform.timings.idle_connection_seconds,
                        timeout=urllib3.Timeout(
                            connect=CONNECT_SECONDS, read=self._platform.timings.invocation_seconds
                        ),
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

    def _exchange(
        self, pool: urllib3.HTTPConnectionPool, invocation: Invocation, limit_bytes: int
    ) -> ModelAnswer:
        try:
            response = pool.urlopen(
                "POST",
                "/invocations",
                body=invocation.body,
                headers=_headers(invocation),
                preload_content=False,
                decode_content=False,
            )
        except urllib3.exceptions.TimeoutError as error:
            raise TimedOut(str(error)) from error
        except urllib3.exceptions.HTTPError as error:
            raise ConnectionLost(str(error)) from error
        return _read(response, limit_bytes)


def _read(response: urllib3.BaseHTTPResponse, limit_bytes: int) -> ModelAnswer:
    try:
        body = response.read(limit_bytes + 1)
    except urllib3.exceptions.TimeoutError as error:
        response.close()
        raise TimedOut(str(error)) from error
    except urllib3.exceptions.HTTPError as error:
        response.close()
        raise ConnectionLost(str(error)) from error
    if len(body) > limit_bytes:
        response.close()  # the rest is not wanted, so the connection cannot be used again
    else:
        response.release_conn()
    return ModelAnswer(
        status=response.status,
        content_type=response.headers.get("Content-Type", "application/octet-stream"),
        custom_attributes=response.headers.get(CUSTOM_ATTRIBUTES),
        body=body,
    )


def _headers(invocation: Invocation) -> dict[str, str]:
    """Only what InvokeEndpoint passes on (C.2); everything else is stripped."""
    given = {
        "Content-Type": invocation.content_type or "application/octet-stream",
        "Accept": invocation.accept or "*/*",
        CUSTOM_ATTRIBUTES: invocation.custom_attributes,
        INFERENCE_ID: invocation.inference_id,
    }
    return {name: value for name, value in given.items() if value is not None}
