"""An HTTP client that costs next to nothing, so that a server's time is the server's."""

import socket
from collections.abc import Mapping

_READ_BYTES = 65536


class Connection:
    """One connection to loopback that is kept from request to request."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        # Without this a small request waits 40 ms for the one before it to be acknowledged.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The body of the answer. Raises RuntimeError unless its status is 200."""
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        lines.append(f"Content-Length: {len(body)}")
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return self._answer()

    def _answer(self) -> bytes:
        head, _, body = self._read_until(b"\r\n\r\n").partition(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += self._socket.recv(_READ_BYTES)
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"{head.splitlines()[0]!r}: {body[:200]!r}")
        return body

    def _read_until(self, mark: bytes) -> bytes:
        read = b""
        while mark not in read:
            more = self._socket.recv(_READ_BYTES)
            if not more:
                raise RuntimeError("the server closed the connection")
            read += more
        return read
