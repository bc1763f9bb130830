"""Serve ministack's ASGI application on our own socket, with a start and a stop that can be
waited for.

Stock: `app.main()` probes the port, binds it after start-up, writes a pid file to the shared
temporary folder, and leaves the interpreter waiting for its threads on SIGTERM.
Needed: a socket bound beforehand, readiness as a fact, a stop in the caller's hands.
Touches: `app.app`, hypercorn's `worker_serve`.
"""

import asyncio
import socket

from hypercorn.asyncio.run import worker_serve
from hypercorn.config import Config, Sockets
from hypercorn.utils import wrap_app

from local.adapter.asgi import Application

_KEEP_ALIVE_SECONDS = 75
_GRACEFUL_SECONDS = 2
_POLL_SECONDS = 0.01
_HEALTH = b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Server:
    """One server on one listening socket."""

    def __init__(self, application: Application, listener: socket.socket) -> None:
        self._listener = listener
        self._stop = asyncio.Event()
        config = Config()
        config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
        config.graceful_timeout = _GRACEFUL_SECONDS
        config.loglevel = "WARNING"
        self._serving = asyncio.ensure_future(
            worker_serve(
                wrap_app(application, config.wsgi_max_body_size, "asgi"),  # type: ignore[arg-type]  # hypercorn's TypedDict scopes
                config,
                sockets=Sockets([], [listener], []),
                shutdown_trigger=self._stop.wait,
            )
        )

    async def ready(self) -> None:
        """Return once a request is answered. Raises what ended the server if it ended first."""
        while not await self._is_answering():
            if self._serving.done():
                self._serving.result()
                raise RuntimeError("the server stopped before it answered")
            await asyncio.sleep(_POLL_SECONDS)

    async def _is_answering(self) -> bool:
        host, port = self._listener.getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(_HEALTH)
            answer = asyncio.ensure_future(reader.readline())
            # The socket queues connections before the server is up, so the end of the server
            # counts too.
            await asyncio.wait({answer, self._serving}, return_when=asyncio.FIRST_COMPLETED)
            return answer.done() and b" 200 " in answer.result()
        finally:
            writer.close()

    async def ended(self) -> None:
        """Wait for the server to end; raises what ended it."""
        await asyncio.shield(self._serving)

    async def stop(self) -> None:
        """Close the listener, let answers in flight finish for a moment, run ministack's
        shutdown."""
        self._stop.set()
        await self._serving
