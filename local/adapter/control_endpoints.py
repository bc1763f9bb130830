"""Close the emulator's own control paths while IAM is enforced.

Stock: with AUTH=true every AWS call needs credentials, but `POST /_ministack/reset` and `/config`
and the mailbox readers stay open to anybody on the machine.
Needed: only what carries its own secret or tells nothing. Touches: nothing, it wraps the ASGI
application."""

from local.adapter.asgi import Application, Receive, RequestScope, Send, refuse

_CONTROL = ("/_ministack/", "/_localstack/")
# Health tells nothing; a custom resource's answer and a wait condition's signal carry a token in
# the path.
_OPEN = (
    "/_ministack/health",
    "/_localstack/health",
    "/_ministack/ready",
    "/_ministack/cfn-response/",
    "/_ministack/cfn-signal/",
)


def is_closed(path: str) -> bool:
    """Whether a path is a control endpoint that an enforced cloud does not serve."""
    return path.startswith(_CONTROL) and not path.startswith(_OPEN)


def closed(application: Application) -> Application:
    """The application without its control endpoints."""

    async def close(scope: RequestScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_closed(scope["path"]):
            await refuse(scope, receive, send, "control endpoints are closed while IAM is enforced")
        else:
            await application(scope, receive, send)

    return close
