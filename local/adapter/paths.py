"""The paths of the SageMaker runtime's REST protocol (facts sheet C.1)."""

import re

_INVOCATION = re.compile(
    r"/endpoints/([^/]+)/(invocations|invocations-response-stream|async-invocations)/?"
)
_OPERATIONS = {
    "invocations": "InvokeEndpoint",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
    "async-invocations": "InvokeEndpointAsync",
}


def invoked_endpoint(path: str) -> str:
    """The endpoint's name in an invocation's path; empty when it is none."""
    match = _INVOCATION.fullmatch(path)
    return match[1] if match else ""


def runtime_operation(path: str) -> str | None:
    """The runtime operation of a path; None when it is no runtime path."""
    match = _INVOCATION.fullmatch(path)
    return _OPERATIONS[match[2]] if match else None
