"""What AWS could not run is refused at synth, in one line that says what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.algorithm import AlgorithmImage
from config.environments import DEV
from config.errors import ConfigurationError
from config.release import Release
from config.serving import RealtimeSettings
from config.settings import Settings
from config.training import TrainingSettings
from tests.releases import any_model
from tests.stacks.assembly import application, release_of

OWN_IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/darkroom@sha256:" + "0" * 64


def refusal(folder: Path, settings: Settings, release: Release) -> str:
    with pytest.raises(ConfigurationError) as refused:
        application(folder, environments=[settings], releases=[release])
    text = str(refused.value)
    assert "\n" not in text
    assert "environment dev" in text
    return text


def test_an_artifact_that_the_image_cannot_serve_is_refused(tmp_path: Path) -> None:
    text = refusal(tmp_path, DEV, release_of(DEV, artifact_format="onnx"))
    assert "'onnx'" in text
    assert "'mxnet'" in text


def test_a_release_for_another_image_is_refused(tmp_path: Path) -> None:
    text = refusal(tmp_path, DEV, release_of(DEV, image=OWN_IMAGE))
    assert OWN_IMAGE in text


def test_an_own_image_serves_its_own_format(tmp_path: Path) -> None:
    settings = replace(DEV, algorithm=AlgorithmImage(uri=OWN_IMAGE, artifact_format="onnx"))
    application(tmp_path, environments=[settings], releases=[release_of(settings)])


@pytest.mark.parametrize("role", ["challenger", "shadow"])
def test_a_role_that_is_not_deployed_yet_is_refused_not_ignored(role: str, tmp_path: Path) -> None:
    weights = {"champion": 1.0} if role == "shadow" else {"champion": 0.9, "challenger": 0.1}
    release = Release(
        environment="dev",
        models={"champion": any_model(), role: any_model("second")},
        weights=weights,
    )
    assert f"names a {role}" in refusal(tmp_path, DEV, release)


def test_a_region_without_the_built_in_image_is_refused(tmp_path: Path) -> None:
    settings = replace(DEV, region="mx-central-1")
    assert "'mx-central-1'" in refusal(tmp_path, settings, release_of(DEV))


def test_training_on_an_instance_without_a_gpu_is_refused(tmp_path: Path) -> None:
    settings = replace(DEV, training=TrainingSettings(instance_type="ml.m5.large"))
    assert "'ml.m5.large'" in refusal(tmp_path, settings, release_of(DEV))


def test_serving_on_an_instance_that_cannot_run_the_image_is_refused(tmp_path: Path) -> None:
    settings = replace(DEV, realtime=RealtimeSettings(instance_type="ml.m7g.large"))
    assert "'ml.m7g.large'" in refusal(tmp_path, settings, release_of(DEV))
