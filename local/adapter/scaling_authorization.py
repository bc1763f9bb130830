"""Who may call which operation of Application Auto Scaling on what (facts sheet C.13).

Stock: knows no such service, so that every authenticated caller may do everything.
Needed: `application-autoscaling:<operation>` on the scalable target; iam:PassRole for a RoleARN,
and iam:CreateServiceLinkedRole where the service's role does not exist yet.
Touches: `app.AUTH`.
"""

from local.adapter.authorization import Caller
from local.adapter.recognition import Request, recognise
from local.adapter.scaling_surroundings import PRINCIPAL, role_arn, role_exists
from local.autoscaling.service import SERVICE, AutoScaling
from local.autoscaling.variants import ScalableVariant
from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope

PASSED_TO = "application-autoscaling.amazonaws.com"


def install(autoscaling: AutoScaling) -> None:
    """Teach the emulator's front which action and resource a request is."""

    def resource(scope: Scope, operation: str, request: Request) -> str:
        return resource_arn(autoscaling, scope, operation, request)

    recognise(SERVICE, resource)


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
