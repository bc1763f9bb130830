"""Loopback counts as TLS.

Stock: plain http sets aws:SecureTransport to false, so with AUTH=true the bootstrap bucket's and
every `enforce_ssl` bucket's policy denies all access.
Needed: a connection that never leaves the machine is as private as TLS, so those policies pass.
Touches: `app.pin_request_origin`.
"""

_LOOPBACK = {"127.0.0.1", "::1"}


def install() -> None:
    """Treat requests from loopback as secure transport."""
    from ministack import app

    stock = app.pin_request_origin

    def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
        stock(source_ip, secure_transport or source_ip in _LOOPBACK)

    app.pin_request_origin = pin_request_origin
