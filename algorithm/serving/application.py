"""The model server's three paths as an ASGI application (facts sheet A.6, B.2, B.3)."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol

from algorithm.contract.invocation import (
    BODY_LIMIT_BYTES,
    JSON,
    JSON_LINES,
    REQUEST_TYPES,
    RESPONSE_TYPES,
)
from algorithm.picture import PictureError

# Most clients read an answer only after they have sent everything: up to here what is too large is
# read and thrown away, so that they see the refusal and no broken connection.
DISCARD_LIMIT_BYTES = 4 * BODY_LIMIT_BYTES

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Predictor(Protocol):
    """What the server asks of a model; blocking, and called from several threads."""

    def predict(self, image: bytes) -> list[float]:
        """One probability a class. Raises PictureError."""


@dataclass(frozen=True)
class Answer:
    """A complete HTTP response."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


class Refusal(Exception):
    """The request gets an error of this status; the text is its one-line body."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.answer = Answer(status, text.encode())


class Application:
    """Answers for one loaded model."""

    def __init__(self, predictor: Predictor, threads: Executor, *, concurrency: int) -> None:
        self._predictor = predictor
        # Predictions run beside the event loop, so that /ping is answered meanwhile.
        self._threads = threads
        self._concurrency = concurrency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except Refusal as refusal:
            answer = refusal.answer
        headers = [(b"content-length", str(len(answer.body)).encode())]
        if answer.body:
            headers.append((b"content-type", answer.content_type.encode()))
        if answer.status == 413:
            # More of the body may be on its way, and nobody will read it.
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        match scope["method"], scope["path"]:
            case "GET", "/ping":
                return Answer(200)
            case "POST", "/invocations":
                return await self._invocation(dict(scope["headers"]), receive)
            case "GET", "/execution-parameters":
                return Answer(200, self._execution_parameters(), JSON)
            case _, "/ping" | "/invocations" | "/execution-parameters":
                raise Refusal(405, f"{scope['method']} is not allowed on {scope['path']}")
            case _:
                raise Refusal(404, "unknown path; this server has /ping and POST /invocations")

    async def _invocation(self, headers: dict[bytes, bytes], receive: Receive) -> Answer:
        _check_content_type(headers.get(b"content-type", b"").decode("latin-1"))
        response_type = _response_type(headers.get(b"accept", b"").decode("latin-1"))
        image = await _body(headers, receive)
        loop = asyncio.get_running_loop()
        try:
            prediction = await loop.run_in_executor(self._threads, self._predictor.predict, image)
        except PictureError as problem:
            raise Refusal(400, f"the image cannot be decoded: {problem}") from None
        if response_type == JSON_LINES:
            line = json.dumps({"prediction": prediction}) + "\n"
            return Answer(200, line.encode(), JSON_LINES)
        return Answer(200, json.dumps(prediction).encode(), JSON)

    def _execution_parameters(self) -> bytes:
        # One image a request, so batch transform may neither join nor split records.
        parameters = {
            "MaxConcurrentTransforms": self._concurrency,
            "BatchStrategy": "SINGLE_RECORD",
            "MaxPayloadInMB": BODY_LIMIT_BYTES // (1024 * 1024),
        }
        return json.dumps(parameters).encode()


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    body = bytearray()
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "the request ended before its body was complete")
        part = message.get("body", b"")
        size += len(part)
        if size <= BODY_LIMIT_BYTES:
            body += part
        elif size > DISCARD_LIMIT_BYTES:
            break
        more = message.get("more_body", False)
    if size > BODY_LIMIT_BYTES:
        announced = headers.get(b"content-length", b"").decode("latin-1")
        raise Refusal(
            413,
            f"the body has {announced or f'at least {size}'} bytes, but at most {BODY_LIMIT_BYTES}",
        )
    if not body:
        raise Refusal(400, "the body is empty; send one encoded image")
    return bytes(body)


def _check_content_type(header: str) -> None:
    media_type = header.partition(";")[0].strip().lower()
    if media_type not in REQUEST_TYPES:
        raise Refusal(
            415,
            f"content type '{media_type[:80]}' is not supported; "
            f"use one of {', '.join(REQUEST_TYPES)}",
        )


def _response_type(header: str) -> str:
    """The first type of an Accept header that there is an answer in; JSON without a wish."""
    wishes = [wish.partition(";")[0].strip().lower() for wish in header.split(",")]
    return _first_served(wish for wish in wishes if wish) if header.strip() else JSON


def _first_served(wishes: Iterable[str]) -> str:
    for wish in wishes:
        if wish in RESPONSE_TYPES:
            return wish
        if wish in ("*/*", "application/*"):
            return JSON
    raise Refusal(406, f"the answer can be one of {', '.join(RESPONSE_TYPES)}")
