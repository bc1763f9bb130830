"""Ask a running cloud's SageMaker, as root, in the cloud's own account and region."""

import http.client
import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.adapter.settings import REGION, ROOT_ACCESS_KEY, ROOT_SECRET_KEY

_TIMEOUT_SECONDS = 10
_PAGE = 100


class FrontSilent(Exception):
    """The cloud's port did not answer, or not as SageMaker."""


def count(port: int, operation: str, members: str) -> int:
    """How many entries a List operation returns over all its pages. Raises FrontSilent."""
    total, request = 0, {"MaxResults": _PAGE}
    while True:
        answer = _call(port, operation, request)
        total += len(answer.get(members, []))
        if "NextToken" not in answer:
            return total
        request = {"MaxResults": _PAGE, "NextToken": answer["NextToken"]}


def _call(port: int, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    signed = AWSRequest(
        "POST",
        f"http://127.0.0.1:{port}/",
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"SageMaker.{operation}",
        },
        data=json.dumps(request),
    )
    keys = Credentials(ROOT_ACCESS_KEY, ROOT_SECRET_KEY)
    SigV4Auth(keys, "sagemaker", REGION).add_auth(signed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("POST", "/", signed.data, dict(signed.headers.items()))
        response = connection.getresponse()
        body = response.read()
    except OSError as error:
        raise FrontSilent(f"127.0.0.1:{port} does not answer: {error}") from None
    finally:
        connection.close()
    if response.status != 200:
        raise FrontSilent(f"127.0.0.1:{port} answered {operation} with {response.status}")
    answer: dict[str, Any] = json.loads(body or b"{}")
    return answer
