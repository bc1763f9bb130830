"""Who may call which operation of Application Auto Scaling on what (facts sheet C.13).

Stock: knows no such service, so that every authenticated caller may do everything.
Needed: `application-autoscaling:<operation>` on the scalable target; iam:PassRole for a RoleARN,
and iam:CreateServiceLinkedRole where the service's role does not exist yet.
Touches: `iam_actions.SERVICE_TO_IAM_NAMESPACE`, `.extract_iam_action`, `.extract_resource_arn`,
`app.AUTH`.
"""

import json
from collections.abc import Callable
from typing import Any

from local.adapter.authorization import Caller, executed_operation
from local.adapter.scaling_surroundings import PRINCIPAL, role_arn, role_exists
from local.autoscaling.service import SERVICE, AutoScaling
from local.autoscaling.variants import ScalableVariant
from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope

PASSED_TO = "application-autoscaling.amazonaws.com"
Request = dict[str, Any]


def install(autoscaling: AutoScaling) -> None:
    """Teach the emulator's front which action and resource a request is."""
    from ministack.core import iam_actions

    iam_actions.SERVICE_TO_IAM_NAMESPACE[SERVICE] = SERVICE
    iam_actions.extract_iam_action = _with_operation(iam_actions.extract_iam_action)
    iam_actions.extract_resource_arn = _with_target(iam_actions.extract_resource_arn, autoscaling)


def _with_operation(stock: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract_iam_action(
        service: str, method: str, path: str, headers: dict[str, str], *rest: Any
    ) -> str | None:
        if service != SERVICE:
            return stock(service, method, path, headers, *rest)
        operation = executed_operation(path, headers)
        return None if operation is None else f"{SERVICE}:{operation}"

    return extract_iam_action


def _with_target(stock: Callable[..., str], autoscaling: AutoScaling) -> Callable[..., str]:
    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
        region: str,
        account: str,
    ) -> str:
        if service != SERVICE:
            return stock(service, method, path, headers, body, query, region, account)
        operation = executed_operation(path, headers) or ""
        scope = Scope(account=account, region=region)
        return resource_arn(autoscaling, scope, operation, _request(body))

    return extract_resource_arn


def _request(body: bytes) -> Request:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


def resource_arn(autoscaling: AutoScaling, scope: Scope, operation: str, request: Request) -> str:
    """The target that IAM checks; any target where it is not registered yet, `*` for lists."""
    if "ResourceARN" in request:
        return str(request["ResourceARN"])
    if operation.startswith("Describe"):
        return "*"
    try:
        variant = ScalableVariant.of(request)
    except (ApiError, KeyError, TypeError):  # the operation will refuse it with its own words
        return "*"
    arns = autoscaling.scaled(scope, variant.endpoint_name)
    anything = f"arn:aws:{SERVICE}:{scope.region}:{scope.account}:scalable-target/*"
    return arns.get(variant.variant_name, anything)


def check(caller: Caller, operation: str, request: Request) -> None:
    """What a registration needs beside its own action. Raises Denied; nothing without AUTH."""
    from ministack import app

    if not app.AUTH or operation != "RegisterScalableTarget":
        return
    if isinstance(request.get("RoleARN"), str):
        caller.require("iam:PassRole", request["RoleARN"], {"iam:PassedToService": PASSED_TO})
    if not role_exists(caller.scope):
        named = {"iam:AWSServiceName": PRINCIPAL}
        caller.require("iam:CreateServiceLinkedRole", role_arn(caller.scope), named)
