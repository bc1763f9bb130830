"""A server that answers like a service at its worst: what real ones do only now and then."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Reply(NamedTuple):
    """An HTTP answer."""

    status: int
    body: str
    headers: dict[str, str]


@contextmanager
def answering(replies: list[Reply]) -> Iterator[str]:
    """The URL of a server that gives these replies one after another, the last one for ever."""
    left = list(replies)
    with answering_by(lambda _: left.pop(0) if len(left) > 1 else left[0]) as url:
        yield url


class Request(NamedTuple):
    """An HTTP request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@contextmanager
def answering_by(reply_to: Callable[[Request], Reply]) -> Iterator[str]:
    """The URL of a server that answers each request by what it is; from several threads."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:  # an answer without its body
            self.do_POST()

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = reply_to(Request(self.path, dict(self.headers.items()), content))
            body = reply.body.encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as url:
        yield url


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The URL of a loopback server of this handler, up for as long as the block lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        # It looks so often whether it is to end.
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
