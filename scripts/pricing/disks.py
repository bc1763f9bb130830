"""Which instances bill a volume beside their hours."""

import re
from typing import Final

# SageMaker takes the type's local NVMe for its data, and rejects a volume's key (facts E.4).
_OWN: Final = re.compile(r"ml\.(g4dn|g5|g6|g6e|p4d|p4de|p5|[cmr]\d[a-z]?d)\.")


def has_own_disks(instance_type: str) -> bool:
    """Whether the type has disks of its own, so that no volume is billed for it."""
    return _OWN.match(instance_type) is not None
