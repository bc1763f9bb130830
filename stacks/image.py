"""Which container image an environment trains and serves with."""

from algorithm.contract.images import RegionError, image_uri
from config.errors import ConfigurationError
from config.settings import Settings


def image_of(settings: Settings) -> str:
    """The environment's own image, or the built-in one of its region.

    Raises ConfigurationError where the built-in algorithm has no image (facts A.4).
    """
    try:
        return settings.algorithm.uri or image_uri(settings.region)
    except RegionError as problem:
        raise ConfigurationError(f"environment {settings.name}: {problem}") from problem
