"""What is refused at synth, before anything is deployed: combinations that AWS cannot run.

What needs settings alone is refused where they are written, in `config`. Here is what needs two
facts of different origin: settings and release, or settings and what the algorithm's image can do.
"""

from algorithm.contract.instances import InstanceTypeError, check_hosting, check_training
from config.errors import ConfigurationError, require
from config.release import Release
from config.released_model import check_fit
from config.roles import SHADOW
from config.settings import Settings
from config.traffic import check_roles
from stacks.image import image_of

_MAX_ROLLBACK_ALARMS = 10
_ALARMS_OF_A_VARIANT = 2


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
    check_roles(settings.traffic, release)
    for model in release.models.values():
        check_fit(model, settings.name, settings.algorithm, image_of(settings))
    _check_rollback_alarms(settings, release)


def _check_rollback_alarms(settings: Settings, release: Release) -> None:
    """An update can be undone by ten alarms at the most (facts C.11)."""
    answering = [role for role in release.models if role != SHADOW]
    most = _MAX_ROLLBACK_ALARMS // _ALARMS_OF_A_VARIANT
    require(
        not settings.rollout.auto_rollback or len(answering) <= most,
        f"release of environment {settings.name}: the number of variants that answer",
        found=len(answering),
        limit=f"at most {most} with rollout.auto_rollback, which can name {_MAX_ROLLBACK_ALARMS} "
        f"alarms, {_ALARMS_OF_A_VARIANT} of each variant",
        remedy="take a challenger out of the release, or set auto_rollback=False in "
        "config/environments.py",
    )
