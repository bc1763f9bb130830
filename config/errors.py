"""The one exception for a value that cannot be deployed or launched as it stands."""


class ConfigurationError(ValueError):
    """A settings value or a release is wrong; the text is the one line a user sees.

    It says what is wrong and where, the value found, the limit and the remedy.
    """


def require(
    condition: bool,
    what: str,
    *,
    found: object,
    limit: str,
    remedy: str = "correct it in config/environments.py",
) -> None:
    """Raise ConfigurationError, in the form that every such message has, unless `condition`."""
    if not condition:
        raise ConfigurationError(f"{what} is {found!r}, but must be {limit}; {remedy}")
