"""InvokeEndpoint through the local cloud against the same model server asked directly."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.connection import Connection
from benchmarks.desk import Desk
from benchmarks.figure import Figure, interleaved, median_ms
from benchmarks.model_server import our_server
from benchmarks.models import extract_released
from benchmarks.serving import demo_work

LIMIT_MS: Final = 3.0
_ROUNDS: Final = 500


def measure(desk: Desk) -> list[Figure]:
    """What the cloud adds to a request: routing, signatures, the way to the server and back."""
    with tempfile.TemporaryDirectory(prefix="darkroom-model-") as place:
        model = Path(place, "model")
        extract_released(desk, model)
        with our_server(model) as server:
            asking = demo_work(desk, model).posting(server)
            cloud, direct = interleaved([_invoking(desk), asking], rounds=_ROUNDS, warm_up=50)
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
