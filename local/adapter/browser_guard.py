"""Refuse what a web page could send to the loopback port.

Stock: `Access-Control-Allow-Origin: *` and no check of Origin or Host; a cross-site `text/plain`
POST created and ran a function, and a rebound DNS name reads everything.
Needed: 403 before any service sees such a request. Touches: nothing, it wraps the ASGI application.
"""

from collections.abc import Iterable

from local.adapter.asgi import Application, Receive, RequestScope, Send, refuse

_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
# `.localhost` always resolves to loopback; `.amazonaws.com` is AWS's own zone, which nobody can
# rebind.
_OWN_ZONES = (".localhost", ".amazonaws.com")
_SAME_SITE = {"none", "same-origin"}


def refusal(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Why these request headers cannot come from a client of this cloud; None when they can."""
    fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    host = fields.get("host", "")
    if not _is_own_host(host):
        return f"Host {host!r} is not this cloud; use 127.0.0.1 or localhost"
    origin = fields.get("origin")
    if origin is not None and origin != f"http://{host}":
        return f"Origin {origin!r} may not call this cloud; it refuses web pages"
    site = fields.get("sec-fetch-site", "none")
    if site not in _SAME_SITE:
        return f"a {site} browser request may not call this cloud; it refuses web pages"
    return None


def _is_own_host(host: str) -> bool:
    name = host.lower()
    if not name.endswith("]"):  # an IPv6 address keeps its colons
        name = name.rsplit(":", 1)[0]
    return name in _LOOPBACK or name.endswith(_OWN_ZONES)


def guarded(application: Application) -> Application:
    """The application behind the guard."""

    async def guard(scope: RequestScope, receive: Receive, send: Send) -> None:
        reason = refusal(scope["headers"]) if scope["type"] in ("http", "websocket") else None
        if reason is None:
            await application(scope, receive, send)
        else:
            await refuse(scope, receive, send, reason)

    return guard
