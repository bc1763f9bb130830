"""A pipeline's token takes on a role as on AWS: its claims are compared, GitHub's own included.

Stock: CloudFormation has no AWS::IAM::OIDCProvider; AssumeRoleWithWebIdentity shows a trust policy
`aud`, `sub` and `amr` of any token, whether or not the account knows its issuer.
Needed: the resource type (Ref = ARN, another Url is another provider); the claims of GitHub that
AWS STS knows as condition keys since January 2026; nobody without a registered issuer, or with an
audience that is not on its list. Tokens are read and not verified: GitHub's signature needs the
network. Touches: `provisioners._RESOURCE_HANDLERS`, `._REPLACING_PROPERTIES`,
`sts._web_identity_principal`, `iam._oidc_providers`, `iam._create_oidc_provider`,
`cognito._decode_id_token_unverified`.
"""

from typing import Any, Final

from local.adapter.cloudformation_types import Properties, Provisioned

_TYPE: Final = "AWS::IAM::OIDCProvider"
_GITHUB: Final = "token.actions.githubusercontent.com"
_CLAIMS: Final = (
    "actor",
    "actor_id",
    "job_workflow_ref",
    "repository",
    "repository_id",
    "workflow",
    "ref",
    "environment",
    "enterprise_id",
)
"""What STS compares of GitHub's token beside aud and sub."""


class ProviderRefused(Exception):
    """CloudFormation cannot register the provider; the text is IAM's."""


def install() -> None:
    """Register the resource type, and show trust policies what a registered issuer says."""
    from ministack.services import sts
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS[_TYPE] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }
    provisioners._REPLACING_PROPERTIES[_TYPE] = ("Url",)
    stock = sts._web_identity_principal

    def web_identity_principal(token: str, *rest: Any) -> tuple[str, dict[str, Any]]:
        principal, keys = stock(token, *rest)
        if not _known(principal, keys):
            return "", {}
        return principal, keys | _github_keys(token, principal)

    sts._web_identity_principal = web_identity_principal


def _known(principal: str, keys: dict[str, Any]) -> bool:
    """Whether the account that the principal stands in registered it for the token's audience.

    What is no ARN is one of the issuers that every account knows.
    """
    from ministack.services import iam

    if not principal.startswith("arn:"):
        return True
    _, _, _, _, account, name = principal.split(":", 5)
    provider = iam._oidc_providers.get_scoped(account, None, principal)
    host = name.partition("/")[2]
    return provider is not None and keys.get(f"{host}:aud") in provider["ClientIDList"]


def _github_keys(token: str, principal: str) -> dict[str, Any]:
    from ministack.services import cognito

    if not principal.endswith(f":oidc-provider/{_GITHUB}"):
        return {}
    claims = cognito._decode_id_token_unverified(token)
    return {f"{_GITHUB}:{name}": str(claims[name]) for name in _CLAIMS if name in claims}


def _create(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    from ministack.services import iam

    request = {"Url": [properties["Url"]]}
    for member, values in (
        ("ClientIDList", properties.get("ClientIdList") or ()),
        ("ThumbprintList", properties.get("ThumbprintList") or ()),
    ):
        for number, value in enumerate(values, start=1):
            request[f"{member}.member.{number}"] = [value]
    status, _, body = iam._create_oidc_provider(request)
    if status != 200:
        raise ProviderRefused(body.decode() if isinstance(body, bytes) else body)
    return _arn(properties), {"Arn": _arn(properties)}


def _update(arn: str, _old: Properties, new: Properties, _stack: str) -> Provisioned:
    from ministack.services import iam

    provider = iam._oidc_providers[arn]
    provider["ClientIDList"] = list(new.get("ClientIdList") or ())
    provider["ThumbprintList"] = list(new.get("ThumbprintList") or ())
    return arn, {"Arn": arn}


def _delete(arn: str, _properties: Properties) -> None:
    from ministack.services import iam

    iam._oidc_providers.pop(arn, None)


def _arn(properties: Properties) -> str:
    from ministack.core.responses import get_account_id

    host = str(properties["Url"]).removeprefix("https://").rstrip("/")
    return f"arn:aws:iam::{get_account_id()}:oidc-provider/{host}"
