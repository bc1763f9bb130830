"""The variables that lead the AWS CLI and SDKs of a shell to a local cloud."""

import shlex
from typing import Final

from local.adapter.settings import REGION, ROOT_ACCESS_KEY, ROOT_SECRET_KEY

_VARIABLES: Final = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)


def exports(url: str, account: str | None) -> list[str]:
    """Lines for a shell that works as the root of an account; None is the cloud's own.

    The cloud takes twelve digits in place of an access key's id for the root of that account.
    """
    values = (url, account or ROOT_ACCESS_KEY, ROOT_SECRET_KEY, REGION, REGION)
    lines = [
        f"export {name}={shlex.quote(value)}"
        for name, value in zip(_VARIABLES, values, strict=True)
    ]
    # A token or profile of a real account must not travel with these keys.
    return [*lines, "unset AWS_SESSION_TOKEN AWS_PROFILE"]


def unset() -> str:
    """The line that undoes it: back to AWS."""
    return f"unset {' '.join(_VARIABLES)}"
