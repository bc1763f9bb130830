"""A broken artifact, served by the real model server."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.drilling.defect import break_artifact
from scripts.errors import Refused
from scripts.serving.sample import sample_photo
from tests.unit.algorithm.test_serving import ModelServer
from tests.untrained import SHAPE, untrained_artifact


@pytest.fixture(scope="module")
def sound() -> bytes:
    return untrained_artifact()


@pytest.fixture(scope="module")
def broken_server(sound: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    root: Path = tmp_path_factory.mktemp("ml")
    with tarfile.open(fileobj=io.BytesIO(broken_copy_of(sound)), mode="r:gz") as archive:
        archive.extractall(root / "model", filter="data")
    server = ModelServer(root)
    try:
        server.wait_until_listening()
        yield server
    finally:
        server.process.kill()
        server.process.communicate()


def broken_copy_of(artifact: bytes) -> bytes:
    broken = io.BytesIO()
    break_artifact(io.BytesIO(artifact), broken)
    return broken.getvalue()


def members_of(artifact: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(artifact), mode="r:gz") as archive:
        files = ((member.name, archive.extractfile(member)) for member in archive)
        return {name: file.read() for name, file in files if file is not None}


def archive_of(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_a_broken_model_comes_up_healthy(broken_server: ModelServer) -> None:
    assert broken_server.request("GET", "/ping")[0] == 200


def test_a_broken_model_fails_on_every_picture_and_stays_healthy(
    broken_server: ModelServer,
) -> None:
    for shape in (str(SHAPE), "3,224,224"):
        status, _, _ = broken_server.invoke(sample_photo(shape).content)
        assert status == 500
    assert broken_server.request("GET", "/ping")[0] == 200


def test_nothing_but_the_served_model_differs(sound: bytes) -> None:
    before, after = members_of(sound), members_of(broken_copy_of(sound))
    assert [name for name in before if before[name] != after[name]] == [
        "image-classification-0001.onnx"
    ]
    # The weights are all there: what is deployed is as large as the real thing.
    assert after["image-classification-0001.onnx"].startswith(
        before["image-classification-0001.onnx"]
    )


def test_the_same_artifact_is_broken_to_the_same_bytes(sound: bytes) -> None:
    first, second = (hashlib.sha256(broken_copy_of(sound)).digest() for _ in range(2))
    assert first == second


def test_an_mxnet_model_asks_for_a_channel_that_its_weights_do_not_have() -> None:
    shapes = [{"shape": [1, 3, 224, 224], "name": "data"}]
    artifact = archive_of(
        **{
            "image-classification-0010.params": b"weights",
            "model-shapes.json": json.dumps(shapes).encode(),
        }
    )
    after = members_of(broken_copy_of(artifact))
    assert json.loads(after["model-shapes.json"]) == [{"shape": [1, 4, 224, 224], "name": "data"}]
    assert after["image-classification-0010.params"] == b"weights"


@pytest.mark.parametrize(
    "artifact",
    [
        b"no archive",
        gzip.compress(b"no tar"),
        archive_of(other=b"model"),
        archive_of(**{"image-classification-0010.params": b"weights"}),
        archive_of(
            **{"image-classification-0010.params": b"weights", "model-shapes.json": b"[{}]"}
        ),
    ],
    ids=["no gzip", "no tar", "another algorithm's", "without shapes", "with odd shapes"],
)
def test_an_artifact_that_is_not_ours_is_refused(artifact: bytes) -> None:
    with pytest.raises(Refused, match="cannot be broken for a drill"):
        break_artifact(io.BytesIO(artifact), io.BytesIO())
