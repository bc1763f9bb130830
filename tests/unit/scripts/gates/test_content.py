"""The artifact is the one that the release names, and fits what the release says of it."""

from pathlib import Path

import pytest

from algorithm.contract.artifact import SHAPES_NAME
from config.environments import DEV, LOCAL
from scripts.artifact import Artifact
from scripts.gates.content import artifact
from scripts.gates.finding import Finding, Outcome
from tests.unit.scripts.gates.artifacts import (
    PARAMS,
    SYMBOL,
    archive_of,
    artifact_in,
    model_of,
    mxnet_members,
    onnx_model_of,
)
from tests.unit.scripts.gates.candidates import any_candidate


def found_in(folder: Path, members: dict[str, bytes]) -> Finding:
    read = artifact_in(folder, archive_of(members))
    return artifact(any_candidate(model_of(read), artifact=read))


def test_what_was_trained_by_the_built_in_algorithm_passes(tmp_path: Path) -> None:
    finding = found_in(tmp_path, mxnet_members())
    assert not finding.refused
    assert finding.value == finding.limit
    assert finding.value.endswith("bytes, mxnet")


def test_what_our_engine_trains_passes_where_it_is_served(untrained: Artifact) -> None:
    candidate = any_candidate(onnx_model_of(untrained), settings=LOCAL, artifact=untrained)
    assert not artifact(candidate).refused


def test_a_tampered_artifact_is_refused_by_its_digest(tmp_path: Path) -> None:
    released = artifact_in(tmp_path, archive_of(mxnet_members()))
    tampered = artifact_in(tmp_path, archive_of(mxnet_members() | {PARAMS: b"WEIGHTS"}))
    finding = artifact(any_candidate(model_of(released), artifact=tampered))
    assert finding.refused
    assert not finding.may_be_overridden
    assert f"its SHA-256 is {tampered.sha256}" in finding.value
    assert released.sha256[:12] in finding.limit


def test_a_wrong_size_in_the_record_is_refused(tmp_path: Path) -> None:
    read = artifact_in(tmp_path, archive_of(mxnet_members()))
    finding = artifact(any_candidate(model_of(read, artifact_size_bytes=7), artifact=read))
    assert finding.refused
    assert f"it has {read.size_bytes:,} bytes" in finding.value


def test_a_format_that_the_environment_does_not_serve_is_refused(untrained: Artifact) -> None:
    finding = artifact(any_candidate(onnx_model_of(untrained), settings=DEV, artifact=untrained))
    assert finding.refused
    assert "it is in format onnx, but dev serves mxnet" in finding.value


@pytest.mark.parametrize(
    ("members", "flaw"),
    [
        (mxnet_members(classes=3), "it knows 3 classes, but the release names 2"),
        (mxnet_members(shape="3,32,32"), "it takes images of 3,32,32, but the release says 3,224"),
        ({"xgboost-model": b"trees"}, "in no known format"),
        (mxnet_members() | {"../escape": b""}, "leads out of the archive"),
        (mxnet_members() | {SYMBOL: b"{"}, "is no JSON"),
        (mxnet_members() | {SYMBOL: b"[1]"}, "does not describe a network"),
        (mxnet_members() | {SYMBOL: b'{"nodes": [{}]}'}, "does not describe a network"),
        (mxnet_members() | {SHAPES_NAME: b'[{"name": "data"}]'}, "does not describe a network"),
        (mxnet_members() | {SYMBOL: b" " * (16 * 1024**2 + 1)}, "has more than 16,777,216 bytes"),
        (mxnet_members() | {SYMBOL: b"[" * 100_000}, "is no JSON"),
        (
            mxnet_members() | {SHAPES_NAME: b'[{"name": "data", "shape": [1, Infinity]}]'},
            "does not describe a network",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_contradicts_the_release_or_is_no_model_is_named(
    tmp_path: Path, members: dict[str, bytes], flaw: str
) -> None:
    finding = found_in(tmp_path, members)
    assert finding.refused
    assert flaw in finding.value
    assert "\n" not in finding.value


@pytest.mark.parametrize("name", ["attr", "param", "attrs"])
def test_the_classes_are_found_in_networks_of_every_age(tmp_path: Path, name: str) -> None:
    symbol = f'{{"nodes": [{{"op": "FullyConnected", "{name}": {{"num_hidden": "5"}}}}]}}'
    finding = found_in(tmp_path, mxnet_members() | {SYMBOL: symbol.encode()})
    assert "it knows 5 classes" in finding.value


def test_what_an_artifact_does_not_tell_is_not_held_against_it(tmp_path: Path) -> None:
    assert not found_in(tmp_path, {PARAMS: b"weights"}).refused


def test_a_model_that_the_file_holds_already_is_not_read_again() -> None:
    finding = artifact(any_candidate())
    assert finding.outcome is Outcome.NOT_CHECKED
    assert "it was when it was released" in finding.value


def test_no_archive_is_refused_also_when_its_digest_is_right(tmp_path: Path) -> None:
    read = artifact_in(tmp_path, b"not an archive")
    finding = artifact(any_candidate(model_of(read), artifact=read))
    assert "it is no tar.gz" in finding.value
