"""What the CDK's bootstrap of an account allows: who deploys into it, and what a deployment may."""

import re
from dataclasses import dataclass
from typing import Final

from config.errors import require

_ACCOUNT: Final = re.compile(r"\d{12}")
_POLICY: Final = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]+")
# IAM's default quota of managed policies on a role.
_MOST_POLICIES: Final = 10


@dataclass(frozen=True, kw_only=True)
class BootstrapSettings:
    """What `darkroom bootstrap` asks of the account's CDKToolkit stack; more may be there.

    The stack belongs to the whole account and region, other CDK apps included.
    """

    trusted_accounts: tuple[str, ...] = ()
    """Other accounts whose pipelines may look up and deploy here."""

    execution_policies: tuple[str, ...] = ()
    """ARNs of the managed policies that CloudFormation works under, instead of the CDK's default,
    AdministratorAccess."""

    def __post_init__(self) -> None:
        accounts, policies = self.trusted_accounts, self.execution_policies
        require(
            all(map(_ACCOUNT.fullmatch, accounts)) and len(set(accounts)) == len(accounts),
            "bootstrap.trusted_accounts",
            found=accounts,
            limit="different accounts of 12 digits each",
        )
        require(
            len(policies) <= _MOST_POLICIES
            and all(map(_POLICY.fullmatch, policies))
            and len(set(policies)) == len(policies),
            "bootstrap.execution_policies",
            found=policies,
            limit=f"at most {_MOST_POLICIES} different ARNs such as "
            "'arn:aws:iam::aws:policy/PowerUserAccess'",
        )
        require(
            not accounts or bool(policies),
            "bootstrap.execution_policies beside trusted_accounts",
            found=policies,
            limit="at least one policy: whoever is trusted can do what it allows",
            remedy="name the policies that a deployment needs, or trust nobody",
        )
