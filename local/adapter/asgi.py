"""The shapes of an ASGI application, and a refusal that needs none of its services."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

RequestScope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[RequestScope, Receive, Send], Awaitable[None]]


async def refuse(scope: RequestScope, receive: Receive, send: Send, reason: str) -> None:
    """Answer 403 with the reason, or close a WebSocket before it opens."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    body = json.dumps({"__type": "AccessDeniedException", "message": reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", b"AccessDeniedException"),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
