"""The two releases of a drill, in files that its CDK app reads (`stacks/drill_app.py`).

They are also the memory of an interrupted drill: while the file of the broken one is there, its
artifact may be there too.
"""

from pathlib import Path
from typing import Final

from config.release import Release, read_release, release_file
from config.released_model import ReleasedModel
from config.roles import CHAMPION
from scripts.cdk import REPOSITORY
from scripts.files import write_atomically

FOLDER: Final = REPOSITORY / ".darkroom" / "drill"
SOUND, BROKEN = "sound", "broken"


def write(environment: str, stage: str, model: ReleasedModel) -> None:
    """Make `model` the one that a stage deploys, alone."""
    release = Release(environment=environment, models={CHAMPION: model}, weights={CHAMPION: 1.0})
    write_atomically(_file(environment, stage), release.to_json().encode())


def read(environment: str, stage: str) -> ReleasedModel | None:
    """The model of a stage, if a drill wrote one."""
    release = read_release(environment, FOLDER / stage)
    return release.models[CHAMPION] if release else None


def remove(environment: str) -> None:
    """Nothing is left of the drill."""
    for stage in (SOUND, BROKEN):
        _file(environment, stage).unlink(missing_ok=True)


def log_file(environment: str) -> Path:
    """Where everything stands that the CDK said during the last drill."""
    return FOLDER / f"{environment}.log"


def _file(environment: str, stage: str) -> Path:
    return release_file(environment, FOLDER / stage)
