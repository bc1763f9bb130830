"""Refuses by name what a request asks for and the local cloud does not do."""

from collections.abc import Mapping
from typing import Any

from local.sagemaker.errors import unsupported


def refuse(given: Mapping[str, Any], where: str, *members: str) -> None:
    """Raises ApiError for the first of `members` that asks for something.

    False, null and empty values ask for nothing: clients send them for options left alone.
    """
    for member in members:
        if given.get(member):
            raise unsupported(f"{where} {member}")
