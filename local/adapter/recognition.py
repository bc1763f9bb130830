"""Which IAM action a request of one of our services is, and on which resource.

Stock: knows the actions of its own services; an `Action` in the query or in a form body names the
action before the operation that is executed does.
Needed: `<service>:<operation>`, of the operation executed, on the resource that the service names.
Touches: `iam_actions.SERVICE_TO_IAM_NAMESPACE`, `.extract_iam_action`, `.extract_resource_arn`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.adapter.paths import invoked_endpoint, runtime_operation
from local.sagemaker.ports import Scope

Request = dict[str, Any]
Resource = Callable[[Scope, str, Request], str]
"""The ARN that IAM checks for an operation and its request; `*` where it takes no resource."""


def recognise(service: str, resource: Resource) -> None:
    """Teach the emulator's front which action and resource a request of the service is."""
    from ministack.core import iam_actions

    iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service
    iam_actions.extract_iam_action = _with_operation(service, iam_actions.extract_iam_action)
    iam_actions.extract_resource_arn = _with_resource(
        service, resource, iam_actions.extract_resource_arn
    )


def executed_operation(path: str, headers: Mapping[str, str]) -> str | None:
    """The operation that a request runs, whatever else it says; None when it runs none."""
    if "x-amz-target" in headers:
        return headers["x-amz-target"].rpartition(".")[2]
    return runtime_operation(path)


def _with_operation(service: str, stock: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract_iam_action(
        asked: str, method: str, path: str, headers: dict[str, str], *rest: Any
    ) -> str | None:
        if asked != service:
            return stock(asked, method, path, headers, *rest)
        operation = executed_operation(path, headers)
        return None if operation is None else f"{service}:{operation}"

    return extract_iam_action


def _with_resource(
    service: str, resource: Resource, stock: Callable[..., str]
) -> Callable[..., str]:
    def extract_resource_arn(
        asked: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
        region: str,
        account: str,
    ) -> str:
        if asked != service:
            return stock(asked, method, path, headers, body, query, region, account)
        operation, request = _named_request(path, headers, body)
        return resource(Scope(account=account, region=region), operation, request)

    return extract_resource_arn


def _named_request(path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Request]:
    if "x-amz-target" not in headers:
        return "InvokeEndpoint", {"EndpointName": invoked_endpoint(path)}
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        request = {}
    operation = headers["x-amz-target"].rpartition(".")[2]
    return operation, request if isinstance(request, dict) else {}
