"""Open a session of an execution role the way the SageMaker service does.

Stock: STS lets a caller assume a role, and its trust matcher lets any `Service` principal through
for root; nothing acts as a service principal.
Needed: only a role that exists and whose trust policy lets sagemaker.amazonaws.com in, conditions
on the confused-deputy keys included (facts sheet E.6). Touches: `iam._roles`,
`sts.register_session`, `sts._assumed_role_arn`, `._role_id`, `iam._gen_*`,
`iam_evaluator._action_matches`, `._conditions_met`, `._service_principal_matches`,
`.EvalContext`."""

import json
from typing import Any

from local.sagemaker.ports import Credentials, RoleNotAssumable, Scope

SERVICE = "sagemaker.amazonaws.com"


def assume_role(scope: Scope, role_arn: str, session_name: str) -> Credentials:
    """The keys of a new session of `role_arn`.

    They hold until the cloud stops, as SageMaker renews an instance's keys for as long as it runs.
    Raises RoleNotAssumable when the role does not exist or does not trust SageMaker.
    """
    from ministack.services import iam, sts

    role = _role(role_arn)
    if role is None or not trusts_sagemaker(role["AssumeRolePolicyDocument"], role_arn, scope):
        raise RoleNotAssumable(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
            f"principal '{SERVICE}' to assume the role."
        )
    session_arn, _ = sts._assumed_role_arn(role_arn, session_name)
    credentials = Credentials(
        access_key_id=iam._gen_session_access_key(),
        secret_access_key=iam._gen_secret(),
        session_token=iam._gen_session_token(),
    )
    sts.register_session(
        credentials.access_key_id,
        {
            "Arn": session_arn,
            "UserId": f"{sts._role_id(role_arn)}:{session_name}",
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "AccountId": role_arn.split(":")[4],
            "PrincipalType": "AssumedRole",
        },
    )
    return credentials


def _role(role_arn: str) -> dict[str, Any] | None:
    from ministack.services import iam

    parts = role_arn.split(":")
    if len(parts) != 6 or not parts[5].startswith("role/"):
        return None
    role: dict[str, Any] | None = iam._roles.get_scoped(parts[4], None, parts[5].rsplit("/", 1)[-1])
    return role if role is not None and role.get("Arn") == role_arn else None


def trusts_sagemaker(policy: str | dict[str, Any], role_arn: str, scope: Scope) -> bool:
    """Whether a trust policy lets the SageMaker of this account and region assume the role."""
    from ministack.core import iam_evaluator

    document = json.loads(policy) if isinstance(policy, str) else policy
    statements = document.get("Statement", [])
    context = iam_evaluator.EvalContext(
        principal_arn=SERVICE,
        principal_type="AWSService",
        principal_account=scope.account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=scope.region,
        service_context={
            "aws:sourceaccount": scope.account,
            # The port does not name the resource the service acts for, only its account and region.
            "aws:sourcearn": scope.arn("*"),
        },
    )
    effects = {
        statement.get("Effect")
        for statement in ([statements] if isinstance(statements, dict) else statements)
        if _applies(statement, context)
    }
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: dict[str, Any], context: Any) -> bool:
    from ministack.core import iam_evaluator

    principal = statement.get("Principal")
    actions = [
        [value] if isinstance(value, str) else list(value)
        for value in (statement.get("Action", []), statement.get("NotAction", []))
    ]
    return (
        any(actions)
        and (principal == "*" or iam_evaluator._service_principal_matches(principal, SERVICE))
        and iam_evaluator._action_matches(context.action, *actions)
        and iam_evaluator._conditions_met(statement.get("Condition", {}), context)
    )
