"""InvokeEndpoint: a variant's answer to a request, or the error AWS would give (C.1 to C.3)."""

import random
import time

from local.sagemaker.backend import Backend, Closed, NoInstance
from local.sagemaker.errors import ApiError
from local.sagemaker.invocation import Answer, Invocation
from local.sagemaker.live_endpoints import LiveEndpoints
from local.sagemaker.platform import Platform
from local.sagemaker.ports import Scope
from local.sagemaker.records import Endpoint, Variant
from local.sagemaker.server import (
    CUSTOM_ATTRIBUTES,
    ConnectionLost,
    ModelAnswer,
    NotLaunched,
    TimedOut,
)
from local.sagemaker.store import Store
from local.sagemaker.traffic import choose

SERVING = ("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed")
TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)
ATTEMPTS = 5  # of finding the new backend while an update takes the old one away
SUCCESS, CLIENT_ERRORS = range(200, 300), range(400, 500)
NO_STATUS = 0


class DataPlane:
    """Blocks for as long as the model takes; thread-safe."""

    def __init__(self, store: Store, platform: Platform, live: LiveEndpoints) -> None:
        self._store = store
        self._platform = platform
        self._live = live
        self._luck = random.Random()  # noqa: S311 - spreads load, keeps no secret

    def invoke(self, scope: Scope, invocation: Invocation) -> Answer:
        """Answer one request. Raises ApiError."""
        started = time.perf_counter()
        for _ in range(ATTEMPTS):
            endpoint, variant, backend = self._route(scope, invocation)
            self._check_size(invocation, variant)
            asked = time.perf_counter()
            try:
                answer = backend.ask(invocation)
            except Closed:
                continue
            except NoInstance:
                break
            except (TimedOut, ConnectionLost, NotLaunched) as error:
                self._record(backend, NO_STATUS, started, asked)
                raise self._model_error(endpoint, NO_STATUS, _said(error)) from error
            self._record(backend, answer.status, started, asked)
            return self._answer(endpoint, variant, answer)
        raise ApiError(
            "ServiceUnavailable",
            f"No healthy instance of endpoint {invocation.endpoint_name} can answer; try again.",
            503,
        )

    def _route(self, scope: Scope, invocation: Invocation) -> tuple[Endpoint, Variant, Backend]:
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
            variant = choose(endpoint.current.variants, invocation.target_variant, self._luck)
            backend = self._live.backends(endpoint).get(variant.name)
        if backend is None:
            raise ApiError("ServiceUnavailable", f"Endpoint {name} is being started.", 503)
        return endpoint, variant, backend

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

    def _answer(self, endpoint: Endpoint, variant: Variant, answer: ModelAnswer) -> Answer:
        limit = self._limit(variant)
        if len(answer.body) > limit:
            text = f"The model's response is above the limit of {limit} bytes."
            raise self._model_error(endpoint, answer.status, text)
        if answer.status not in SUCCESS:
            text = answer.body.decode("utf-8", "replace")
            raise self._model_error(endpoint, answer.status, text)
        headers = {
            "Content-Type": answer.content_type,
            "x-Amzn-Invoked-Production-Variant": variant.name,
        }
        if answer.custom_attributes is not None:
            headers[CUSTOM_ATTRIBUTES] = answer.custom_attributes
        return Answer(status=200, headers=headers, body=answer.body)

    def _model_error(self, endpoint: Endpoint, status: int, said: str) -> ApiError:
        logs = f"arn:aws:logs:{endpoint.region}:{endpoint.account}:log-group"
        group = f"/aws/sagemaker/Endpoints/{endpoint.name}"
        console = f"https://{endpoint.region}.console.aws.amazon.com/cloudwatch/home"
        blamed = "client" if status in CLIENT_ERRORS else "server"
        return ApiError(
            "ModelError",
            f'Received {blamed} error ({status}) from primary with message "{said}". See '
            f"{console}?region={endpoint.region}#logEventViewer:group={group} in account "
            f"{endpoint.account} for more information.",
            424,
            {
                "OriginalStatusCode": status,
                "OriginalMessage": said,
                "LogStreamArn": f"{logs}:{group}",
            },
        )

    def _record(self, backend: Backend, status: int, started: float, asked: float) -> None:
        backend.usage.record(
            status=status,
            model_seconds=time.perf_counter() - asked,
            overhead_seconds=asked - started,
            instances=backend.instances,
        )


def _said(error: Exception) -> str:
    if isinstance(error, TimedOut):
        return TIMED_OUT
    if isinstance(error, NotLaunched):
        return str(error)
    return "The model server closed the connection without an answer."
