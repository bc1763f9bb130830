"""Where model servers run in the network (facts sheet E.4)."""

import re
from dataclasses import dataclass
from typing import Final

from config.errors import require

_SUBNET: Final = re.compile(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})")
_SECURITY_GROUP: Final = re.compile(r"sg-([0-9a-f]{8}|[0-9a-f]{17})")


@dataclass(frozen=True, kw_only=True)
class VpcSettings:
    """Network interfaces in subnets of one's own; they need a route to S3."""

    subnet_ids: tuple[str, ...]
    """Two or more, in different availability zones."""

    security_group_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        subnets, groups = self.subnet_ids, self.security_group_ids
        require(
            2 <= len(subnets) <= 16 and all(map(_SUBNET.fullmatch, subnets)),
            "vpc.subnet_ids",
            found=subnets,
            limit="from 2 to 16 ids such as 'subnet-0123456789abcdef0'",
        )
        require(
            1 <= len(groups) <= 5 and all(map(_SECURITY_GROUP.fullmatch, groups)),
            "vpc.security_group_ids",
            found=groups,
            limit="from 1 to 5 ids such as 'sg-0123456789abcdef0'",
        )
