"""The verb by which an environment gets its first release."""

from config.settings import Settings


def first_step(settings: Settings) -> str:
    """As it is typed: a promotion where another environment has to serve a model first."""
    if settings.gates.served_in is not None:
        return f"darkroom promote --from {settings.gates.served_in} --to {settings.name}"
    return f"darkroom release JOB --env {settings.name}"
