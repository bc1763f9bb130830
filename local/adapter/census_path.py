"""Say how much each account holds, for `darkroom local status`.

Stock: AWS's own APIs count one account in one region at a time, and nothing lists the accounts.
Needed: one answer for the whole cloud. It needs no keys, like the health check: it tells numbers,
and account ids that are nobody's. Touches: nothing, it wraps the ASGI application.
"""

import json
from collections.abc import Callable

from local.adapter.asgi import Application, Receive, RequestScope, Send
from local.sagemaker.census import Census

PATH = "/_local/census"


def answering_census(application: Application, census: Callable[[], Census]) -> Application:
    """The application, with the census at its path."""

    async def answer(scope: RequestScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await application(scope, receive, send)
            return
        body = json.dumps(census()).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer
