"""InvokeEndpoint through the local cloud against the same model server asked directly."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.connection import Connection
from benchmarks.desk import Desk
from benchmarks.figure import Figure, interleaved, median_ms
from benchmarks.model_server import ModelServer
from benchmarks.serving import posting

LIMIT_MS: Final = 3.0
_ROUNDS: Final = 500


def measure(desk: Desk, server: ModelServer) -> list[Figure]:
    """What the cloud adds to a request: routing, signatures, the way to the server and back."""
    cloud, direct = interleaved(
        [_invoking(desk), posting(server.port, desk.photo)], rounds=_ROUNDS, warm_up=50
    )
    through, alone = median_ms(cloud), median_ms(direct)
    return [
        Figure(
            what="invoke: signed InvokeEndpoint through the local cloud / its model server, median",
            ours=f"{through:.2f} ms (+{through - alone:.2f} ms)",
            peer=f"{alone:.2f} ms",
            limit=f"+{LIMIT_MS:.0f} ms",
            held=through - alone <= LIMIT_MS,
        )
    ]


def _invoking(desk: Desk) -> Callable[[], object]:
    """A signed request over one connection that is kept; signing is the client's and included."""
    where = urlsplit(desk.url)
    connection = Connection(where.port or 80)
    credentials = Credentials(
        desk.variables["AWS_ACCESS_KEY_ID"], desk.variables["AWS_SECRET_ACCESS_KEY"]
    )
    signer = SigV4Auth(credentials, "sagemaker", desk.variables["AWS_REGION"])
    path = "/endpoints/darkroom-local-realtime/invocations"
    photo = desk.photo

    def invoke() -> bytes:
        headers = {"Content-Type": "image/png", "Host": where.netloc}
        request = AWSRequest("POST", f"{desk.url}{path}", data=photo, headers=headers)
        signer.add_auth(request)
        return connection.post(path, dict(request.headers.items()), photo)

    return invoke
