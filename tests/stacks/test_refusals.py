"""What AWS could not run is refused at synth, in one line that says what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.algorithm import AlgorithmImage
from config.environments import DEV
from config.errors import ConfigurationError
from config.realtime import RealtimeSettings
from config.release import Release
from config.roles import CHALLENGERS
from config.rollout import AllAtOnce
from config.settings import Settings
from config.traffic import Shadow, Single, Split, TrafficPlan
from config.training import TrainingSettings
from tests.stacks.assembly import application, model_of, release_of

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


@pytest.mark.parametrize(
    ("plan", "role", "fix"),
    [
        (Single(), "challenger", "traffic=Split()"),
        (Single(), "shadow", "traffic=Shadow()"),
        (Split(), "shadow", "traffic=Shadow()"),
        (Shadow(), "challenger", "traffic=Split()"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_role_that_the_traffic_plan_does_not_know_is_refused_not_ignored(
    plan: TrafficPlan, role: str, fix: str, tmp_path: Path
) -> None:
    settings = replace(DEV, traffic=plan)
    text = refusal(tmp_path, settings, release_of(DEV).with_model(role, model_of(DEV, "second")))
    assert repr(role) in text
    assert fix in text


def test_a_challenger_that_the_image_cannot_serve_is_refused(tmp_path: Path) -> None:
    release = release_of(DEV).with_model("challenger", model_of(DEV, artifact_format="onnx"))
    assert "'onnx'" in refusal(tmp_path, replace(DEV, traffic=Split()), release)


def test_more_variants_than_alarms_can_undo_are_refused(tmp_path: Path) -> None:
    settings, release = replace(DEV, traffic=Split()), release_of(DEV)
    for role in CHALLENGERS[:4]:
        release = release.with_model(role, model_of(DEV, role))
    application(tmp_path / "five", environments=[settings], releases=[release])
    release = release.with_model(CHALLENGERS[4], model_of(DEV, "one more"))
    assert "at most 5" in refusal(tmp_path / "six", settings, release)
    unguarded = replace(settings, rollout=AllAtOnce())
    application(tmp_path / "unguarded", environments=[unguarded], releases=[release])


def test_a_region_without_the_built_in_image_is_refused(tmp_path: Path) -> None:
    settings = replace(DEV, region="mx-central-1")
    assert "'mx-central-1'" in refusal(tmp_path, settings, release_of(DEV))


def test_training_on_an_instance_without_a_gpu_is_refused(tmp_path: Path) -> None:
    settings = replace(DEV, training=TrainingSettings(instance_type="ml.m5.large"))
    assert "'ml.m5.large'" in refusal(tmp_path, settings, release_of(DEV))


def test_serving_on_an_instance_that_cannot_run_the_image_is_refused(tmp_path: Path) -> None:
    settings = replace(DEV, realtime=RealtimeSettings(instance_type="ml.m7g.large"))
    assert "'ml.m7g.large'" in refusal(tmp_path, settings, release_of(DEV))
