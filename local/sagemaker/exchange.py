"""One request to a container and its answer, over HTTP on loopback (facts sheet B.2, C.2)."""

import time
from dataclasses import dataclass
from typing import Any

import urllib3
import urllib3.connection

from local.sagemaker.invocation import Invocation

HOST = "127.0.0.1"
POOLED_CONNECTIONS = 64
CONNECT_SECONDS = 5.0
CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"
DEFAULT_TYPE = "application/octet-stream"


class Unanswered(Exception):
    """The container gave no answer; `seconds` went by with it."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class TimedOut(Unanswered):
    """The model did not answer in time."""


class ConnectionLost(Unanswered):
    """The model server went away without an answer; it may have worked on the request."""


class NeverSent(Unanswered):
    """Nobody listened: the request was not worked on and may go to another instance."""


@dataclass(frozen=True, kw_only=True)
class ModelAnswer:
    """What the container answered; the body is cut one byte above the limit."""

    status: int
    content_type: str
    custom_attributes: str | None
    body: bytes
    seconds: float
    """The container's own time."""


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


class ContainerHttp:
    """A container's HTTP port. Thread-safe."""

    def __init__(self, port: int, *, answer_seconds: float, idle_seconds: float) -> None:
        self._pool = ModelServerPool(
            HOST,
            port,
            maxsize=POOLED_CONNECTIONS,
            retries=False,
            idle_seconds=idle_seconds,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=answer_seconds),
        )

    def ask(self, invocation: Invocation, limit_bytes: int) -> ModelAnswer:
        """POST /invocations. Raises Unanswered."""
        started = time.perf_counter()
        try:
            response = self._pool.urlopen(
                "POST",
                "/invocations",
                body=invocation.body,
                headers=_headers(invocation),
                preload_content=False,
                decode_content=False,
            )
        except urllib3.exceptions.ConnectTimeoutError as error:  # a refused connection is one too
            raise NeverSent(str(error), time.perf_counter() - started) from error
        except urllib3.exceptions.TimeoutError as error:
            raise TimedOut(str(error), time.perf_counter() - started) from error
        except urllib3.exceptions.HTTPError as error:
            raise ConnectionLost(str(error), time.perf_counter() - started) from error
        return _read(response, limit_bytes, started)


def _read(response: urllib3.BaseHTTPResponse, limit_bytes: int, started: float) -> ModelAnswer:
    try:
        body = response.read(limit_bytes + 1)
    except urllib3.exceptions.TimeoutError as error:
        response.close()
        raise TimedOut(str(error), time.perf_counter() - started) from error
    except urllib3.exceptions.HTTPError as error:
        response.close()
        raise ConnectionLost(str(error), time.perf_counter() - started) from error
    if len(body) > limit_bytes:
        response.close()  # the rest is not wanted, so the connection cannot be used again
    else:
        response.release_conn()
    return ModelAnswer(
        status=response.status,
        content_type=response.headers.get("Content-Type", DEFAULT_TYPE),
        custom_attributes=response.headers.get(CUSTOM_ATTRIBUTES),
        body=body,
        seconds=time.perf_counter() - started,
    )


def _headers(invocation: Invocation) -> dict[str, str]:
    """Only what InvokeEndpoint passes on (C.2); everything else is stripped."""
    given = {
        "Content-Type": invocation.content_type or DEFAULT_TYPE,
        "Accept": invocation.accept or "*/*",
        CUSTOM_ATTRIBUTES: invocation.custom_attributes,
        INFERENCE_ID: invocation.inference_id,
    }
    return {name: value for name, value in given.items() if value is not None}
