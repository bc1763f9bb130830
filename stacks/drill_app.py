"""The drill's own CDK app: `python -m stacks.drill_app ENVIRONMENT FOLDER`.

Two stages with one and the same stack, made from `FOLDER/sound/<environment>.json` and
`FOLDER/broken/<environment>.json`, which are release files: deploying the second stage after the
first is an ordinary update to another release. Apart from the environments' app, so that no
`cdk deploy '<env>/*'` ever meets it.
"""

import sys
from pathlib import Path
from typing import Final

from aws_cdk import Stage

from config.environments import environment
from config.errors import ConfigurationError
from config.release import read_release, release_file
from config.settings import Settings
from stacks.application import Application, synthesize
from stacks.drill import ACKNOWLEDGEMENTS, DrillStack
from stacks.refusals import check_release, check_settings

STAGES: Final = ("sound", "broken")


class DrillApplication(Application):
    """A pure function of the settings and the two files, as the environments' app is."""

    def __init__(self, settings: Settings, folder: Path, *, outdir: Path | None = None) -> None:
        """Raises ConfigurationError for what cannot be deployed."""
        super().__init__((), outdir=outdir, acknowledgements=ACKNOWLEDGEMENTS)
        check_settings(settings)
        for stage in STAGES:
            release = read_release(settings.name, folder / stage)
            if release is None:
                raise ConfigurationError(
                    f"{release_file(settings.name, folder / stage)} does not exist; "
                    f"run `darkroom drill --env {settings.name}`, which writes it"
                )
            check_release(settings, release)
            DrillStack(Stage(self, stage), settings=settings, release=release)


def main(name: str, folder: str) -> None:
    """Synthesize the drill of an environment, or say in one line what is wrong."""
    try:
        synthesize(DrillApplication(environment(name), Path(folder)))
    except ConfigurationError as problem:
        sys.exit(f"darkroom: {problem}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
