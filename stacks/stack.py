"""What every stack of an environment is called, where it stands and whose it says it is."""

from aws_cdk import Environment, Stack
from constructs import Construct

from config.outputs import stack_name
from config.settings import Settings


class EnvironmentStack(Stack):
    """A stack named `<app>-<environment>-<id>`; its id is one of `config.outputs.STACKS`."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, description: str) -> None:
        super().__init__(
            scope,
            id_,
            stack_name=stack_name(settings.app, settings.name, id_),
            env=Environment(account=settings.account, region=settings.region),
            description=description,
            # On everything: what cost reports go by. None of them follows from a release.
            tags={"darkroom:app": settings.app, "darkroom:environment": settings.name},
        )
