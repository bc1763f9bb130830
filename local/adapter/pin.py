"""The one version of ministack that the hooks and repairs were measured against.

Stock: about a release a day, and behaviour behind a same-named private hook has changed silently
before.
Needed: refuse to start on any other version, in one line. Touches: the distribution's version only.
"""

from importlib.metadata import PackageNotFoundError, version

REQUIRED = "1.5.33"


class WrongEmulator(Exception):
    """ministack is missing, or is not the version that the adapter's hooks are tested with."""


def check() -> None:
    """Raise WrongEmulator unless the pinned ministack is installed."""
    remedy = "install it with: pip install -r requirements-local.txt"
    try:
        found = version("ministack")
    except PackageNotFoundError:
        raise WrongEmulator(f"ministack {REQUIRED} is not installed; {remedy}") from None
    if found != REQUIRED:
        raise WrongEmulator(
            f"ministack {found} is installed, the local cloud needs {REQUIRED}; {remedy}"
        )
