"""What IAM is asked before an operation: which resources, and which role is passed on (E.7)."""

from typing import Any

from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope
from local.sagemaker.records import resource_arn

_PASSED_ROLE = {"CreateTrainingJob": "RoleArn", "CreateModel": "ExecutionRoleArn"}
_NAMES = (
    ("training-job", "TrainingJobName"),
    ("model", "ModelName"),
    ("endpoint", "EndpointName"),
    ("endpoint-config", "EndpointConfigName"),
)


def passed_role(operation: str, request: dict[str, Any]) -> str | None:
    """The role that the caller hands to SageMaker, who must be allowed `iam:PassRole` for it."""
    member = _PASSED_ROLE.get(operation)
    role = request.get(member) if member else None
    return role if isinstance(role, str) else None


def check_passed_role(scope: Scope, operation: str, request: dict[str, Any]) -> None:
    """Raises ApiError for a role of another account."""
    role = passed_role(operation, request)
    if role is not None and role.split(":")[4] != scope.account:
        raise ApiError("AccessDeniedException", "Cross-account pass role is not allowed.")


def further_actions(operation: str, request: dict[str, Any]) -> list[str]:
    """What the caller must be allowed beside the operation itself: to tag where it tags (E.7)."""
    tags = operation.startswith("Create") and request.get("Tags")
    return ["sagemaker:AddTags"] if tags else []


def resource_arns(scope: Scope, operation: str, request: dict[str, Any]) -> list[str]:
    """Every resource that the operation needs permission for; `*` where it names none."""
    if operation in ("AddTags", "ListTags", "DeleteTags"):
        return [str(request.get("ResourceArn", "*"))]
    if operation.startswith("List"):
        return ["*"]
    named = [
        resource_arn(scope, segment, request[member])
        for segment, member in _NAMES
        if isinstance(request.get(member), str)
    ]
    # Only these two need permission for more than the resource they are about.
    wanted = len(named) if operation in ("CreateEndpoint", "UpdateEndpoint") else 1
    return named[:wanted] or ["*"]
