"""A release file says everything, in one stable form, or is refused with the place named."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigurationError
from config.release import Release, read_release, release_file
from tests.releases import any_model, any_release


def written(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    value = json.loads(any_release().to_json())
    change(value)
    release_file("dev", folder).write_text(json.dumps(value), encoding="utf-8")
    return folder


def test_a_release_reads_back_as_it_was_written(tmp_path: Path) -> None:
    release = any_release()
    release_file("dev", tmp_path).write_text(release.to_json(), encoding="utf-8")
    assert read_release("dev", tmp_path) == release


def test_before_the_first_release_there_is_none(tmp_path: Path) -> None:
    assert read_release("dev", tmp_path) is None


@given(
    names=st.lists(st.text(min_size=1), min_size=2, unique=True),
    accuracy=st.floats(min_value=0, max_value=1),
    size=st.integers(min_value=1),
)
def test_any_release_survives_its_file_and_keeps_its_digest(
    names: list[str], accuracy: float, size: int
) -> None:
    release = any_release(
        class_names=tuple(names),
        artifact_size_bytes=size,
        metrics={"validation_accuracy": accuracy},
    )
    again = Release.from_json(release.to_json(), "dev.json")
    assert again == release
    assert again.to_json() == release.to_json()
    assert again.digest == release.digest


def test_the_order_of_members_does_not_change_the_file() -> None:
    model = any_model()
    backwards = replace(model, hyperparameters=dict(reversed(list(model.hyperparameters.items()))))
    one, other = (
        Release(environment="dev", models={"champion": m}, weights={"champion": 1.0})
        for m in (model, backwards)
    )
    assert one.to_json() == other.to_json()
    assert one.to_json().endswith("}\n")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda v: v.update(extra=1), "unknown member 'extra'"),
        (lambda v: v.pop("weights"), "lacks the member 'weights'"),
        (lambda v: v.update(schema=2), "schema is 2"),
        (
            lambda v: v["models"]["champion"].pop("image"),
            "models.champion lacks the member 'image'",
        ),
        (
            lambda v: v["models"]["champion"].update(imgae="x"),
            "models.champion has the unknown member 'imgae'",
        ),
        (lambda v: v["models"]["champion"].update(image=7), "models.champion.image is 7"),
        (
            lambda v: v["models"]["champion"].update(artifact_size_bytes=0),
            "models.champion.artifact_size_bytes is 0",
        ),
        (
            lambda v: v["models"]["champion"].update(artifact_format="pickle"),
            "models.champion.artifact_format is 'pickle'",
        ),
        (
            lambda v: v["models"]["champion"].update(artifact_sha256="0" * 64),
            "models.champion.model_data_url",
        ),
        (
            lambda v: v["models"]["champion"].update(class_names=["cat", "cat"]),
            "models.champion.class_names",
        ),
        (
            lambda v: v["models"]["champion"].update(training_job_name="another"),
            "models.champion.training_job_arn",
        ),
        (
            lambda v: v["models"]["champion"]["metrics"].update(validation_accuracy=98),
            "models.champion.metrics.validation_accuracy",
        ),
        (lambda v: v["models"].update(winner=v["models"]["champion"]), "'winner'"),
        (lambda v: v.update(models={}), "at least the champion"),
        (lambda v: v.update(weights={"champion": 0}), "weights"),
        (lambda v: v.update(weights={"champion": 1, "shadow": 1}), "weights"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], named: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_release("dev", written(tmp_path, change))
    text = str(refusal.value)
    assert named in text
    assert f"{tmp_path.name}/dev.json" in text
    assert "\n" not in text


def test_a_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    release_file("dev", tmp_path).write_text('{"schema": 1,', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"dev\.json is not JSON"):
        read_release("dev", tmp_path)


def test_a_release_made_for_another_environment_is_refused(tmp_path: Path) -> None:
    release_file("prod", tmp_path).write_text(any_release("dev").to_json(), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"'dev'.*'prod'"):
        read_release("prod", tmp_path)


def test_a_number_that_json_does_not_have_is_refused() -> None:
    text = any_release().to_json().replace("0.98", "NaN")
    with pytest.raises(ConfigurationError, match="finite"):
        Release.from_json(text, "dev.json")
