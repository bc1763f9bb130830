"""A model answers a sample image through the server that will serve it, or is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.environments import DEV, LOCAL
from scripts.archive import visit
from scripts.artifact import Artifact
from scripts.drilling.defect import break_artifact
from scripts.gates.answer import answers
from scripts.gates.finding import Outcome
from tests.releases import any_proof
from tests.unit.scripts.gates.artifacts import (
    archive_of,
    artifact_in,
    model_of,
    mxnet_members,
    onnx_model_of,
)
from tests.unit.scripts.gates.candidates import any_candidate


def test_a_model_that_answers_passes_with_as_many_probabilities_as_classes(
    untrained: Artifact,
) -> None:
    finding = answers(any_candidate(onnx_model_of(untrained), settings=LOCAL, artifact=untrained))
    assert finding.outcome is Outcome.PASSED, finding.value
    assert finding.value.startswith("3 probabilities, most for ")
    assert finding.limit == "3 probabilities that add up to 1"


def test_an_answer_for_other_classes_is_refused(untrained: Artifact) -> None:
    model = onnx_model_of(untrained, class_names=("cat", "dog"))
    finding = answers(any_candidate(model, settings=LOCAL, artifact=untrained))
    assert finding.refused
    assert finding.value == "3 probabilities"
    assert finding.limit == "2 probabilities that add up to 1"
    assert not finding.may_be_overridden


def test_a_model_that_loads_and_then_fails_is_refused(untrained: Artifact, tmp_path: Path) -> None:
    with untrained.file.open("rb") as sound, (tmp_path / "broken").open("w+b") as broken:
        break_artifact(sound, broken)
        broken.seek(0)
        read = artifact_in(tmp_path, broken.read())
    finding = answers(any_candidate(onnx_model_of(read), settings=LOCAL, artifact=read))
    assert finding.refused
    assert "HTTP status 500" in finding.value


def test_an_answer_that_is_no_distribution_is_refused(untrained: Artifact, tmp_path: Path) -> None:
    members: dict[str, bytes] = {}
    visit(untrained.file, lambda name, content: members.update({str(name): content.read()}))
    (name,) = (each for each in members if each.endswith(".onnx"))
    # As long a name, and it hands on what the network says before it becomes probabilities.
    members[name] = members[name].replace(b"Softmax", b"Flatten")
    read = artifact_in(tmp_path, archive_of(members))
    finding = answers(any_candidate(onnx_model_of(read), settings=LOCAL, artifact=read))
    assert finding.refused
    assert finding.value == "numbers that are no probabilities"


def test_a_model_that_cannot_be_loaded_is_refused_in_the_servers_words(tmp_path: Path) -> None:
    read = artifact_in(tmp_path, archive_of({"image-classification-0001.onnx": b"no model"}))
    finding = answers(any_candidate(onnx_model_of(read), settings=LOCAL, artifact=read))
    assert finding.refused
    assert "cannot be loaded" in finding.value
    assert "\n" not in finding.value


def test_an_unsafe_archive_is_not_served(tmp_path: Path) -> None:
    members = {"image-classification-0001.onnx": b"model", "../escape": b""}
    read = artifact_in(tmp_path, archive_of(members))
    finding = answers(any_candidate(onnx_model_of(read), settings=LOCAL, artifact=read))
    assert finding.refused
    assert "leads out of the archive" in finding.value


def test_what_is_not_the_released_artifact_is_not_even_started(
    untrained: Artifact, tmp_path: Path
) -> None:
    tampered = artifact_in(tmp_path, b"anything")
    candidate = any_candidate(onnx_model_of(untrained), settings=LOCAL, artifact=tampered)
    assert answers(candidate).outcome is Outcome.NOT_CHECKED


def test_a_model_that_the_file_holds_already_is_not_asked_again() -> None:
    finding = answers(any_candidate(settings=LOCAL))
    assert finding.outcome is Outcome.NOT_CHECKED
    assert "it was when it was released" in finding.value


@pytest.fixture
def mxnet(tmp_path: Path) -> Artifact:
    return artifact_in(tmp_path, archive_of(mxnet_members()))


def test_an_mxnet_model_is_left_to_the_endpoint_that_can_run_it(mxnet: Artifact) -> None:
    finding = answers(any_candidate(model_of(mxnet), settings=DEV, artifact=mxnet))
    assert finding.outcome is Outcome.NOT_CHECKED
    assert "`darkroom deploy` asks the endpoint" in finding.value


def test_an_mxnet_model_that_was_promoted_has_answered_where_it_came_from(mxnet: Artifact) -> None:
    model = model_of(mxnet)
    proven = replace(model, served_in=any_proof(model))
    finding = answers(any_candidate(proven, settings=DEV, artifact=mxnet))
    assert finding.outcome is Outcome.PASSED
    assert finding.value == "darkroom-dev-realtime of dev answered on 2026-11-22"
    other = replace(model, served_in=any_proof(model, artifact_sha256="f" * 64))
    finding = answers(any_candidate(other, settings=DEV, artifact=mxnet))
    assert finding.outcome is Outcome.NOT_CHECKED
