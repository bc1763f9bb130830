"""What is refused at synth, before anything is deployed: combinations that AWS cannot run.

A single value out of range is refused where it is defined, in `config`. Here is what needs two
facts at once: settings and release, or settings and what the algorithm's image can do.
"""

from algorithm.contract.instances import InstanceTypeError, check_hosting, check_training
from config.errors import ConfigurationError
from config.release import Release, check_fit
from config.settings import Settings
from stacks.image import image_of
from stacks.parts.endpoint import CHAMPION


def check_settings(settings: Settings) -> None:
    """Raise ConfigurationError if the environment's image cannot do what the settings ask."""
    image_of(settings)
    if settings.algorithm.uri is not None:
        return  # An own image trains and serves wherever it was built to.
    try:
        check_training(settings.training.instance_type)
        if settings.realtime is not None:
            check_hosting(settings.realtime.instance_type)
    except InstanceTypeError as problem:
        raise ConfigurationError(f"environment {settings.name}: {problem}") from problem


def check_release(settings: Settings, release: Release) -> None:
    """Raise ConfigurationError if the environment cannot serve the release."""
    where = f"release of environment {settings.name}"
    for role in sorted(release.models):
        if role != CHAMPION:
            raise ConfigurationError(
                f"{where} names a {role}, but this version deploys the champion only; "
                f"remove models.{role} and its weight from config/releases/{settings.name}.json"
            )
    check_fit(release.models[CHAMPION], settings.name, settings.algorithm, image_of(settings))
