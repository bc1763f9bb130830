"""The CDK's bootstrap of an account and region: what it allows, and what the settings ask for.

It is the stack CDKToolkit, which every CDK app of the account shares. Accounts that are asked for
are added; who is trusted beyond them may be another app's, so he is said and left alone. Policies
that are asked for replace the others: they are the most that a deployment may do.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from config.bootstrap import BootstrapSettings
from scripts.outputs import TOOLKIT, describe_stack, ended_well
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@dataclass(frozen=True, kw_only=True)
class Toolkit:
    """What the parameters of a deployed bootstrap say."""

    trusted: frozenset[str]
    """Accounts that may deploy."""

    trusted_for_lookup: frozenset[str]
    """Accounts that may look; the CDK trusts nobody to look who may only deploy."""

    policies: frozenset[str]
    """What CloudFormation works under; none is AdministratorAccess."""

    usable: bool = True
    """Whether its last deployment came to a good end."""

    @classmethod
    def read(cls, stack: "StackTypeDef") -> Self:
        """From CloudFormation's description of the stack."""
        values = {
            row["ParameterKey"]: row.get("ParameterValue", "")
            for row in stack.get("Parameters", ())
        }

        def listed(key: str) -> frozenset[str]:
            return frozenset(filter(None, values.get(key, "").split(",")))

        return cls(
            trusted=listed("TrustedAccounts"),
            trusted_for_lookup=listed("TrustedAccountsForLookup"),
            policies=listed("CloudFormationExecutionPolicies"),
            usable=ended_well(stack),
        )

    def satisfies(self, wanted: BootstrapSettings) -> bool:
        """Whether everything that is asked for is there; no policies asked for accept any."""
        accounts, policies = map(frozenset, (wanted.trusted_accounts, wanted.execution_policies))
        return (
            self.usable
            and accounts <= self.trusted & self.trusted_for_lookup
            and (not policies or self.policies == policies)
        )

    def arguments(self, wanted: BootstrapSettings) -> list[str]:
        """The options of `cdk bootstrap` that add what is asked for and keep who is there.

        The CLI replaces a list that it is given and keeps one that it is not.
        """
        accounts = frozenset(wanted.trusted_accounts)
        lists = (
            ("--trust", accounts and accounts | self.trusted),
            ("--trust-for-lookup", accounts and accounts | self.trusted_for_lookup),
            ("--cloudformation-execution-policies", frozenset(wanted.execution_policies)),
        )
        return [
            part for option, values in lists for each in sorted(values) for part in (option, each)
        ]

    def beyond(self, wanted: BootstrapSettings) -> list[str]:
        """Accounts that may deploy although these settings trust them with nothing."""
        return sorted((self.trusted | self.trusted_for_lookup) - set(wanted.trusted_accounts))


NO_TOOLKIT: Final = Toolkit(
    trusted=frozenset(), trusted_for_lookup=frozenset(), policies=frozenset()
)


def deployed_toolkit(session: Session) -> Toolkit | None:
    """The account's bootstrap in the environment's region, or None before its first.

    Who is trusted by one that came to no good end is known all the same.
    """
    stack = describe_stack(session, TOOLKIT)
    return None if stack is None else Toolkit.read(stack)
