"""The one socket of the local cloud, bound before anything else starts."""

import errno
import socket

# Clients of an endpoint arrive in bursts, and the instances' first connections wait here during
# start-up.
_BACKLOG = 512


class PortTaken(Exception):
    """The port cannot be opened on loopback."""


def listen_on_loopback(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 lets the system choose. Raises PortTaken."""
    # The protocol spelt out: asyncio switches Nagle off only for a socket that says it is TCP,
    # and an answer's body would otherwise wait 40 ms for the client to acknowledge its headers.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        what = "is taken by another program" if error.errno == errno.EADDRINUSE else error.strerror
        raise PortTaken(f"port {port} on 127.0.0.1 {what}; choose another with --port") from None
    return listener
