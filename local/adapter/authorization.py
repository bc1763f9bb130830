"""Who may call which SageMaker operation on what, decided by ministack's own policy engine.

Stock: with AUTH=true each request is checked for one action on one resource; SageMaker's are
unknown to it, and iam:PassRole is checked for no service.
Needed: `sagemaker:<operation>`, of the operation executed, on every resource it needs
(CreateEndpoint: the endpoint and its configuration), and iam:PassRole with iam:PassedToService for
the role a request hands over (facts sheet E.7).
Touches: `iam_actions._BOTOCORE_SERVICE_MAP`, `.identity_denial_message`, `iam_evaluator.enforce`,
`router.extract_access_key_id`, `app.AUTH`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from local.adapter.recognition import Request, recognise
from local.adapter.role_sessions import SERVICE as SAGEMAKER_PRINCIPAL
from local.sagemaker.ports import Scope


class Denied(Exception):
    """The caller's policies do not allow the operation; the message is AWS's."""


class Resources(Protocol):
    """The part of SageMaker that knows which resources an operation touches."""

    def resource_arns(self, scope: Scope, operation: str, request: Request) -> list[str]:
        """The ARNs that IAM checks for the operation; none when it takes `*`."""

    def further_actions(self, operation: str, request: Request) -> list[str]:
        """What else the caller needs on the first of those: to tag what it tags."""

    def passed_role(self, operation: str, request: Request) -> str | None:
        """The role that the request hands to SageMaker."""


def install(sagemaker: Resources) -> None:
    """Teach the emulator's front which action and resource a SageMaker request is."""
    from ministack.core import iam_actions

    # The control plane's operations carry request tags.
    iam_actions._BOTOCORE_SERVICE_MAP["sagemaker"] = ["sagemaker-runtime", "sagemaker"]

    def resource(scope: Scope, operation: str, request: Request) -> str:
        return next(iter(sagemaker.resource_arns(scope, operation, request)), "*")

    recognise("sagemaker", resource)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who signed the request that is being handled, and where."""

    access_key_id: str
    scope: Scope

    @classmethod
    def of(cls, scope: Scope, headers: dict[str, str], query: dict[str, list[str]]) -> "Caller":
        """The signer of these headers or of this presigned query."""
        from ministack.core.router import extract_access_key_id

        return cls(access_key_id=extract_access_key_id(headers, query), scope=scope)

    def require(
        self, action: str, resource_arn: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise Denied unless the caller's policies allow the action on the resource."""
        from ministack.core import iam_actions, iam_evaluator

        denied = iam_evaluator.enforce(
            self.access_key_id,
            action,
            "sagemaker",
            self.scope.region,
            resource_arn,
            dict(context or {}),
        )
        if isinstance(denied, iam_evaluator.AuthError):
            raise Denied(denied.message)
        if denied is not None:
            explicit = denied.decision == "Deny"
            raise Denied(
                iam_actions.identity_denial_message(
                    action, denied.principal_arn, resource_arn, explicit
                )
            )


def check(sagemaker: Resources, caller: Caller, operation: str, request: Request) -> None:
    """What the emulator's front has not checked: the other resources, and the role that is passed.

    Does nothing unless IAM is enforced. Raises Denied.
    """
    from ministack import app

    if not app.AUTH:
        return
    first, *others = sagemaker.resource_arns(caller.scope, operation, request) or ["*"]
    for arn in others:
        caller.require(f"sagemaker:{operation}", arn)
    for action in sagemaker.further_actions(operation, request):
        caller.require(action, first)
    role = sagemaker.passed_role(operation, request)
    if role is not None:
        caller.require("iam:PassRole", role, {"iam:PassedToService": SAGEMAKER_PRINCIPAL})
