"""How SageMaker names instance types: `ml.<family>.<size>`."""

import re
from typing import Final

from config.errors import require

_TYPE: Final = re.compile(
    r"ml\.[a-z0-9-]+\.(nano|micro|small|medium|large|([1-9][0-9]?)?xlarge|metal)"
)


def check_instance_type(what: str, found: str, example: str) -> None:
    """Raise ConfigurationError for what is no name of a type, such as a size that there is not."""
    require(
        _TYPE.fullmatch(found) is not None,
        what,
        found=found,
        limit=f"a SageMaker instance type such as {example!r}, of a size from 'nano' to 'large', "
        "'xlarge', '2xlarge' and so on, or 'metal'",
    )
