"""SageMaker's runtime on the wire: REST-JSON, the payload as the body (facts sheet C.2, C.3).

Stock: rewrites `Content-Type: application/json` of a SageMaker reply to JSON 1.1; a lower-case
header name is left alone. Touches: nothing else."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.adapter import authorization
from local.adapter.paths import invoked_endpoint, runtime_operation
from local.sagemaker.errors import ApiError
from local.sagemaker.invocation import Answer as Invoked
from local.sagemaker.invocation import Invocation
from local.sagemaker.service import SageMaker

Answer = tuple[int, dict[str, str], bytes]
_PREFIX = "x-amzn-sagemaker-"
_UNSUPPORTED = {
    "target-model": "TargetModel",
    "target-container-hostname": "TargetContainerHostname",
    "enable-explanations": "EnableExplanations",
    "inference-component": "InferenceComponentName",
    "session-id": "SessionId",
}
# Their own threads: an invocation lasts as long as its model, and may lead to another one.
_threads = ThreadPoolExecutor(max_workers=256, thread_name_prefix="invocation")


async def answer(
    sagemaker: SageMaker,
    caller: authorization.Caller,
    path: str,
    headers: dict[str, str],
    body: bytes,
) -> Answer:
    """Decode, authorize, invoke, encode. Raises authorization.Denied."""
    try:
        invocation = _invocation(path, headers, body)
        loop = asyncio.get_running_loop()
        invoked = await loop.run_in_executor(_threads, sagemaker.invoke, caller.scope, invocation)
    except ApiError as error:
        return failure(error)
    return _success(invoked)


def _invocation(path: str, headers: dict[str, str], body: bytes) -> Invocation:
    operation = runtime_operation(path)
    if operation != "InvokeEndpoint":
        raise ApiError(
            "ValidationError", f"{operation} is not supported by the local cloud yet", 400
        )
    for suffix, member in _UNSUPPORTED.items():
        if _PREFIX + suffix in headers:
            raise ApiError(
                "ValidationError", f"{member} is not supported by the local cloud yet", 400
            )
    return Invocation(
        endpoint_name=invoked_endpoint(path),
        content_type=headers.get("content-type"),
        accept=headers.get("accept"),
        target_variant=headers.get(_PREFIX + "target-variant"),
        inference_id=headers.get(_PREFIX + "inference-id"),
        custom_attributes=headers.get(_PREFIX + "custom-attributes"),
        body=body,
    )


def _success(invoked: Invoked) -> Answer:
    return (
        invoked.status,
        {name.lower(): value for name, value in invoked.headers.items()},
        invoked.body,
    )


def failure(error: ApiError) -> Answer:
    """An error as botocore's REST-JSON parser expects it, with the members of a ModelError."""
    headers = {"content-type": "application/json", "x-amzn-errortype": error.code}
    members: dict[str, Any] = {"Message": error.message, **error.members}
    return error.http_status, headers, json.dumps(members).encode()
