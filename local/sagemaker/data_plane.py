"""InvokeEndpoint: a variant's answer to a request, or the error AWS would give (C.1 to C.3)."""

import random
import time
import uuid
from dataclasses import dataclass

from local.sagemaker.backend import Backend, Closed, NoInstance
from local.sagemaker.capture_record import Captured
from local.sagemaker.captures import Captures
from local.sagemaker.errors import ApiError
from local.sagemaker.exchange import (
    CUSTOM_ATTRIBUTES,
    ConnectionLost,
    ModelAnswer,
    NeverSent,
    TimedOut,
)
from local.sagemaker.invocation import Answer, Invocation
from local.sagemaker.live_endpoints import LiveEndpoints
from local.sagemaker.model_errors import NO_STATUS, model_error, unanswered
from local.sagemaker.platform import Platform
from local.sagemaker.ports import Scope
from local.sagemaker.records import Deployment, Endpoint, Variant
from local.sagemaker.server import NotLaunched
from local.sagemaker.shadow import Copy, Mirror
from local.sagemaker.store import Store
from local.sagemaker.traffic import choose, is_captured, shadow_of

SERVING = ("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed")
ATTEMPTS = 5  # of finding a backend, or an instance, that takes the request
SUCCESS = range(200, 300)


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where one request goes, and where a copy of it goes."""

    endpoint: Endpoint
    deployment: Deployment
    variant: Variant
    backend: Backend
    shadow: Backend | None
    event_id: str | None
    """Of the captured record; None for a request that is not captured."""


class DataPlane:
    """Blocks for as long as the model takes; thread-safe."""

    def __init__(
        self, store: Store, platform: Platform, live: LiveEndpoints, captures: Captures
    ) -> None:
        self._store = store
        self._platform = platform
        self._live = live
        self._captures = captures
        self._mirror = Mirror()
        self._luck = random.Random()  # noqa: S311 - spreads load, keeps no secret

    def invoke(self, scope: Scope, invocation: Invocation) -> Answer:
        """Answer one request. Raises ApiError."""
        started = time.perf_counter()
        for _ in range(ATTEMPTS):
            route = self._route(scope, invocation)
            self._check_size(invocation, route.variant)
            asked = time.perf_counter()
            try:
                answer = route.backend.ask(invocation)
            except (Closed, NeverSent):
                continue  # nobody has worked on it yet
            except NoInstance:
                break
            except (TimedOut, ConnectionLost) as error:
                _record(route.backend, NO_STATUS, started, error.seconds)
                self._copy(route, invocation)
                lost = isinstance(error, ConnectionLost)
                raise unanswered(route.endpoint, error, lost=lost) from error
            except NotLaunched as error:
                _record(route.backend, NO_STATUS, started, time.perf_counter() - asked)
                raise unanswered(route.endpoint, error, lost=False) from error
            _record(route.backend, answer.status, started, answer.seconds)
            self._copy(route, invocation)
            self._capture(route, route.variant, invocation, answer)
            return self._answer(route, answer)
        raise ApiError(
            "ServiceUnavailable",
            f"No healthy instance of endpoint {invocation.endpoint_name} can answer; try again.",
            503,
        )

    def _route(self, scope: Scope, invocation: Invocation) -> Route:
        name = invocation.endpoint_name
        with self._store.lock:
            endpoint = self._store.endpoints.find(scope, name)
            # Names are matched with their case here, and only here (facts sheet C.1).
            if endpoint is None or endpoint.name != name:
                raise ApiError(
                    "ValidationError", f"Endpoint {name} of account {scope.account} not found."
                )
            if endpoint.status not in SERVING or endpoint.current is None:
                raise ApiError(
                    "ValidationError",
                    f"Endpoint {name} of account {scope.account} is not in service "
                    f"(status {endpoint.status}).",
                )
            serving = self._live.choose(endpoint, self._luck)
            if serving is None:
                raise ApiError("ServiceUnavailable", f"Endpoint {name} is being started.", 503)
            deployment, backends = serving.deployment, serving.backends
            variant = choose(deployment.variants, invocation.target_variant, self._luck)
        shadow = shadow_of(deployment, self._luck)
        captured = is_captured(deployment.capture, self._luck)
        return Route(
            endpoint=endpoint,
            deployment=deployment,
            variant=variant,
            backend=backends[variant.name],
            shadow=backends.get(shadow.name) if shadow else None,
            event_id=str(uuid.uuid4()) if captured else None,
        )

    def _limit(self, variant: Variant) -> int:
        timings = self._platform.timings
        return (
            timings.serverless_payload_bytes
            if variant.serverless
            else timings.realtime_payload_bytes
        )

    def _check_size(self, invocation: Invocation, variant: Variant) -> None:
        limit, size = self._limit(variant), len(invocation.body)
        if size > limit:
            kind = "serverless" if variant.serverless else "real-time"
            raise ApiError(
                self._platform.timings.payload_error_code,
                f"The request payload has {size} bytes, above the limit of {limit} bytes of a "
                f"{kind} endpoint.",
                self._platform.timings.payload_error_status,
            )

    def _answer(self, route: Route, answer: ModelAnswer) -> Answer:
        limit = self._limit(route.variant)
        if len(answer.body) > limit:
            text = f"The model's response is above the limit of {limit} bytes."
            raise model_error(route.endpoint, answer.status, text)
        if answer.status not in SUCCESS:
            text = answer.body.decode("utf-8", "replace")
            raise model_error(route.endpoint, answer.status, text)
        headers = {
            "Content-Type": answer.content_type,
            "x-Amzn-Invoked-Production-Variant": route.variant.name,
        }
        if answer.custom_attributes is not None:
            headers[CUSTOM_ATTRIBUTES] = answer.custom_attributes
        return Answer(status=200, headers=headers, body=answer.body)

    def _copy(self, route: Route, invocation: Invocation) -> None:
        """Let the shadow variant have the request, now that its caller has an answer."""
        shadow = route.shadow
        if shadow is not None:
            self._mirror.send(
                shadow,
                Copy(
                    invocation=invocation,
                    keep=lambda answer: self._capture(route, shadow.variant, invocation, answer),
                ),
            )

    def _capture(
        self, route: Route, variant: Variant, invocation: Invocation, answer: ModelAnswer
    ) -> None:
        """Keep the exchange; a shadow's has the event id of the production variant's."""
        capture = route.deployment.capture
        if route.event_id is None or capture is None or answer.status not in SUCCESS:
            return
        captured = Captured(
            event_id=route.event_id,
            inference_id=invocation.inference_id,
            when=self._platform.clock(),
            request_type=invocation.content_type,
            request=invocation.body,
            response_type=answer.content_type,
            response=answer.body,
        )
        self._captures.offer(route.endpoint, variant, capture, captured)


def _record(backend: Backend, status: int, started: float, model_seconds: float) -> None:
    backend.usage.record(
        status=status,
        model_seconds=model_seconds,
        overhead_seconds=time.perf_counter() - started - model_seconds,
        instances=backend.instances,
    )
