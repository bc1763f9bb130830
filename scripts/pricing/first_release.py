"""What an environment would be with a first release: for an estimate before there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from config.release import Release, ReleasedModel, release_file
from config.roles import CHAMPION
from config.settings import Settings
from scripts.deployment.assembly import synthesized
from scripts.training.request import image_of

_APP: Final = "stacks.supposed_app"
_NOBODY: Final = "no-model-yet"
_DIGEST: Final = "0" * 64


def first_release(settings: Settings) -> Release:
    """A champion alone, which no training job made.

    How many instances there are and of what kind follows from the settings; which model runs on
    them costs nothing.
    """
    model = ReleasedModel(
        training_job_name=_NOBODY,
        training_job_arn=f"arn:aws:sagemaker:{settings.region}:000000000000:training-job/{_NOBODY}",
        image=image_of(settings),
        model_data_url=f"s3://{_NOBODY}/models/{_DIGEST}/model.tar.gz",
        artifact_sha256=_DIGEST,
        artifact_size_bytes=1,
        artifact_format=settings.algorithm.artifact_format,
        class_names=("one", "other"),
        image_shape=_NOBODY,
        dataset_id=_NOBODY,
        hyperparameters={},
        metrics={"validation_accuracy": 0.0},
    )
    return Release(environment=settings.name, models={CHAMPION: model}, weights={CHAMPION: 1.0})


@contextmanager
def synthesized_with_first_release(settings: Settings) -> Iterator[Path]:
    """The assembly with that release in the environment, for as long as the block lasts.

    The repository's release files are not touched. Raises Refused as `synthesized` does.
    """
    with TemporaryDirectory(prefix="darkroom-first-release-") as folder:
        file = release_file(settings.name, Path(folder))
        file.write_text(first_release(settings).to_json(), encoding="utf-8")
        with synthesized("-m", _APP, folder) as assembly:
            yield assembly
