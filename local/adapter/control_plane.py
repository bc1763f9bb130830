"""SageMaker's control plane on the wire: JSON 1.1, one operation in the X-Amz-Target header.

Stock: hands a service the decoded request and rewrites the content type of a reply that spells the
header `Content-Type`, loading botocore's SageMaker model on the event loop to do so.
Needed: lower-case header names, which it leaves alone. Touches: `concurrency.run_offloop`.
"""

import datetime as dt
import json
from typing import Any

from local.adapter import authorization
from local.sagemaker.errors import ApiError
from local.sagemaker.service import SageMaker

Answer = tuple[int, dict[str, str], bytes]
_CONTENT_TYPE = "application/x-amz-json-1.1"


async def answer(
    sagemaker: SageMaker, caller: authorization.Caller, headers: dict[str, str], body: bytes
) -> Answer:
    """Decode, authorize, call, encode. Raises authorization.Denied."""
    from ministack.core.concurrency import run_offloop

    operation = headers["x-amz-target"].rpartition(".")[2]
    try:
        request = decode(body)
        authorization.check(sagemaker, caller, operation, request)
        reply = await run_offloop(sagemaker.call, caller.scope, operation, request)
    except ApiError as error:
        return failure(error)
    # SageMaker answers operations without output with an empty body.
    return success(reply) if reply else (200, {"content-type": _CONTENT_TYPE}, b"")


def success(reply: dict[str, Any]) -> Answer:
    """An answer as botocore's JSON parser expects it."""
    return 200, {"content-type": _CONTENT_TYPE}, json.dumps(reply, default=_wire_value).encode()


def failure(error: ApiError) -> Answer:
    """An error as botocore's JSON parser expects it."""
    headers = {"content-type": _CONTENT_TYPE, "x-amzn-errortype": error.code}
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return error.http_status, headers, body


def unknown_operation(path: str) -> Answer:
    """The answer to a signed SageMaker request that names no operation."""
    message = f"{path} is not an operation that the local cloud implements"
    return failure(ApiError("UnknownOperationException", message, 404))


def decode(body: bytes) -> dict[str, Any]:
    """The request in a body. Raises ApiError."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise ApiError("SerializationException", "the request body is not JSON", 400) from None
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "the request body is not a JSON object", 400)
    return request


def _wire_value(value: Any) -> float:
    if isinstance(value, dt.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no JSON 1.1 form")
