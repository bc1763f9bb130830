"""An environment's own account, region and partition: the token and the literal are the same.

A template says `${AWS::AccountId}` as long as the settings leave the account open, and twelve
digits afterwards. Who may do what is the same, so both are read as the token.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ACCOUNT: Final = "${AWS::AccountId}"
REGION: Final = "${AWS::Region}"
_PARTITION: Final = "${AWS::Partition}"
_SUFFIX: Final = "${AWS::URLSuffix}"
_REFERENCE: Final = re.compile(r'\{"Ref": "(AWS::[A-Za-z]+)"\}')
"""A token within a value that stays JSON because only CloudFormation can read it."""


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where an environment lives, as far as its settings say."""

    account: str | None = None
    region: str | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any], others: Mapping[str, Any]) -> "Home":
        """By the settings of this side; an account that they leave open is the other side's.

        An account that is left open says nothing of where the environment is, so that to decide
        it does not move anything; one that becomes another does.
        """
        account = settings.get("account") or others.get("account")
        region = settings.get("region") or others.get("region")
        return cls(account=account, region=region)

    def told(self, text: str) -> str:
        """The text with the tokens for what is the environment's own.

        Of the partition and its domain, which follow from the region, the literals.
        """
        text = _REFERENCE.sub(r'"${\1}"', text)
        if self.region:
            partition, suffix = _partition(self.region)
            text = text.replace(_PARTITION, partition).replace(_SUFFIX, suffix)
        own = {name: token for name, token in self._own() if name}
        if not own:
            return text
        # What stands within another token is the path of a resource, and no account or region.
        names = "|".join(map(re.escape, own))
        whole = re.compile(rf"\$\{{[^}}]*\}}|(?<![A-Za-z0-9])(?:{names})(?![A-Za-z0-9])")
        return whole.sub(lambda found: own.get(found[0], found[0]), text)

    def _own(self) -> tuple[tuple[str | None, str], ...]:
        return (self.account, ACCOUNT), (self.region, REGION)


def _partition(region: str) -> tuple[str, str]:
    """The partition of a region, and the domain of its services."""
    if region.startswith("cn-"):
        return "aws-cn", "amazonaws.com.cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws", "amazonaws.com"
