"""`darkroom release` behind its gates: refused means that nothing at all was changed."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.environments import LOCAL
from config.release import Release
from scripts.artifact import Artifact
from tests.unit.scripts.desk import WITH_A_MODEL_SERVER, Desk
from tests.unit.scripts.gates.artifacts import archive_of
from tests.unit.scripts.trained_cloud import TrainedCloud, trained_cloud

GOOD, WEAK, BROKEN = (f"darkroom-local-{each}" for each in ("good", "weak", "broken"))
MINIMUM = LOCAL.gates.minimum_validation_accuracy
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, untrained: Artifact) -> Iterator[TrainedCloud]:
    with trained_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        sound = untrained.file.read_bytes()
        cloud.trains(GOOD, sound, accuracy=MINIMUM)
        # The same network in other bytes: another job's artifact.
        cloud.trains(WEAK, sound + bytes(512), accuracy=MINIMUM - 0.01)
        cloud.trains(BROKEN, archive_of({"image-classification-0001.onnx": b"no model"}), 0.99)
        yield cloud


@pytest.fixture(scope="module")
def desk(cloud: TrainedCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    desk = Desk(folder, WITH_A_MODEL_SERVER, AWS_ENDPOINT_URL=cloud.url, **KEYS)
    yield desk
    desk.leave()


@pytest.fixture(scope="module")
def good(desk: Desk) -> Release:
    """The release of the good model, made once."""
    assert desk.types("release", GOOD).code == 0
    return desk.release


@pytest.fixture
def nothing_released(desk: Desk) -> Desk:
    desk.file.unlink(missing_ok=True)
    return desk


def test_a_model_that_passes_every_gate_is_released_and_the_findings_are_shown(
    nothing_released: Desk, cloud: TrainedCloud
) -> None:
    typed = nothing_released.types("release", GOOD, "--override", "to be sure")
    assert typed.code == 0, typed.err
    shown = [line for line in typed.err.splitlines() if line.startswith("  ✓  ")]
    assert [line.split()[1] for line in shown] == [
        *("accuracy", "champion", "recorded", "artifact", "answers", "served_in")
    ]
    assert f"at least {MINIMUM}" in shown[0]
    assert "3 probabilities, most for " in shown[4]
    model = nothing_released.release.models["champion"]
    assert model.training_job_name == GOOD
    assert f"models/{model.artifact_sha256}/model.tar.gz" in cloud.kept()
    assert "--override was not needed" in typed.err
    assert model.override is None


def test_the_same_model_released_again_changes_nothing_but_restores_what_was_tampered_with(
    desk: Desk, cloud: TrainedCloud, good: Release
) -> None:
    desk.has(good)
    text, kept = desk.file.read_bytes(), cloud.kept()
    model = good.models["champion"]
    key = f"models/{model.artifact_sha256}/model.tar.gz"
    s3 = cloud.session.client("s3")
    s3.put_object(Bucket="artifacts", Key=key, Body=bytes(model.artifact_size_bytes))
    assert not desk.gets("release", GOOD)["changed"]
    assert (desk.file.read_bytes(), cloud.kept()) == (text, kept)


@pytest.mark.parametrize("role", ["champion", "challenger"])
def test_a_refused_model_is_not_copied_and_no_file_is_written(
    desk: Desk, cloud: TrainedCloud, good: Release, role: str
) -> None:
    desk.has(good)
    text, kept = desk.file.read_bytes(), cloud.kept()
    refused = desk.types("release", WEAK, "--role", role, "--json")
    assert refused.code == 1
    assert (desk.file.read_bytes(), cloud.kept()) == (text, kept)
    line = refused.err.strip().splitlines()[-1]
    assert line.startswith("darkroom: refused by 1 of 6 gates of environment local (accuracy): ")
    assert f"validation accuracy: {MINIMUM - 0.01} (limit: at least {MINIMUM})" in line
    found = json.loads(refused.out)
    assert found["changed"] is False
    gates = {each["gate"]: each for each in found["gates"]}
    assert gates["accuracy"]["outcome"] == "refused"
    assert f"the champion's is {MINIMUM}" in gates["champion"]["value"]


def test_a_role_that_cannot_be_filled_is_refused_before_its_artifact_is_read(
    nothing_released: Desk,
) -> None:
    refused = nothing_released.types("release", BROKEN, "--role", "challenger")
    assert refused.code == 1
    assert "has no champion to put a challenger beside" in refused.err
    assert "gates of" not in refused.err


def test_a_model_that_answers_nothing_is_refused_whatever_the_reason_and_leaves_no_file(
    nothing_released: Desk, cloud: TrainedCloud
) -> None:
    kept = cloud.kept()
    refused = nothing_released.types("release", BROKEN, "--override", "trust me")
    assert refused.code == 1
    assert "--override lets nobody pass answers" in refused.err
    assert "cannot be loaded" in refused.err
    assert not nothing_released.file.exists()
    assert cloud.kept() == kept


def test_an_override_stays_in_the_file_as_it_was_and_speaks_for_its_role_alone(
    desk: Desk, cloud: TrainedCloud, good: Release
) -> None:
    desk.has(good)
    words = ("release", WEAK, "--role", "challenger", "--override", "only a trial")
    assert desk.gets(*words)["override"] == "accuracy: only a trial"
    trial = desk.release.models["challenger"]
    assert trial.override is not None
    assert trial.override.gates == ("accuracy",)
    assert trial.override.by == cloud.session.caller().arn
    text = desk.file.read_bytes()
    again = desk.types(*words[:-2])
    assert again.code == 0
    assert "only a trial" in again.err
    refused = desk.types("release", "--promote", "challenger").err
    assert "(accuracy)" in refused
    assert f"the champion's is {MINIMUM}" in refused
    assert desk.file.read_bytes() == text
    assert desk.types("release", "--promote", "challenger", "--override", "it won").code == 0
    risen = desk.release.models["champion"]
    assert risen.override is not None
    assert risen.override.reason == "it won"
    assert replace(risen, override=None) == replace(trial, override=None)
