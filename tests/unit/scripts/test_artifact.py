"""Model artifacts, in a real S3."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.environments import LOCAL
from scripts.artifact import fetched, model_data_url, store
from scripts.errors import Refused
from scripts.session import Session, open_session
from tests.unit.scripts.gates.artifacts import archive_of
from tests.unit.scripts.stock_cloud import stock_cloud

BUCKET = "artifacts"
ONNX = archive_of({"image-classification-0003.onnx": b"data", "model-shapes.json": b"[]"})


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        opened = open_session(replace(LOCAL, endpoint_url=url))
        opened.client("s3").create_bucket(Bucket=BUCKET)
        yield opened


def put(session: Session, key: str, body: bytes) -> str:
    session.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def key_of(url: str) -> str:
    return url.removeprefix(f"s3://{BUCKET}/")


def content_of(session: Session, url: str) -> bytes:
    found: bytes = session.client("s3").get_object(Bucket=BUCKET, Key=key_of(url))["Body"].read()
    return found


def kept(session: Session, url: str) -> str:
    with fetched(session, url) as artifact:
        return store(session, artifact, BUCKET)


def test_what_is_fetched_is_told_by_its_content(session: Session) -> None:
    url = put(session, "training/j/output/model.tar.gz", ONNX)
    with fetched(session, url) as artifact:
        assert artifact.file.read_bytes() == ONNX
        assert artifact.sha256 == hashlib.sha256(ONNX).hexdigest()
        assert artifact.size_bytes == len(ONNX)
        assert artifact.url == url
        assert artifact.contents.format == "onnx"
    assert not artifact.file.exists()


def test_an_artifact_that_grew_is_not_read(session: Session) -> None:
    url = put(session, "training/j/output/model.tar.gz", ONNX)
    with fetched(session, url, largest=len(ONNX)) as artifact:
        assert artifact.size_bytes == len(ONNX)
    with pytest.raises(Refused, match=rf"has {len(ONNX)} bytes, but 3 were released"):
        fetched(session, url, largest=3).__enter__()


def test_an_artifact_is_kept_under_its_digest(session: Session) -> None:
    url = kept(session, put(session, "training/j/output/model.tar.gz", ONNX))
    assert url == model_data_url(BUCKET, hashlib.sha256(ONNX).hexdigest())
    assert content_of(session, url) == ONNX


def test_the_same_content_is_copied_once(session: Session) -> None:
    content = archive_of({"image-classification-0001.params": b"data"})
    url = kept(session, put(session, "training/k/output/model.tar.gz", content))
    s3 = session.client("s3")
    before = s3.head_object(Bucket=BUCKET, Key=key_of(url))["LastModified"]
    assert kept(session, put(session, "training/l/output/model.tar.gz", content)) == url
    assert s3.head_object(Bucket=BUCKET, Key=key_of(url))["LastModified"] == before


def test_a_copy_that_was_tampered_with_is_made_anew(session: Session) -> None:
    """Of the same length: the size says nothing."""
    content = archive_of({"image-classification-0002.params": b"weights"})
    url = kept(session, put(session, "training/m/output/model.tar.gz", content))
    put(session, key_of(url), content[:-1] + bytes([content[-1] ^ 1]))
    assert kept(session, put(session, "training/m/output/model.tar.gz", content)) == url
    assert content_of(session, url) == content


def test_an_artifact_that_was_overwritten_while_it_was_judged_is_not_kept(
    session: Session,
) -> None:
    content = archive_of({"image-classification-0003.params": b"weights"})
    url = put(session, "training/n/output/model.tar.gz", content)
    with fetched(session, url) as artifact:
        put(session, "training/n/output/model.tar.gz", b"something else")
        with pytest.raises(Refused, match="was overwritten while it was judged"):
            store(session, artifact, BUCKET)
        target = key_of(model_data_url(BUCKET, artifact.sha256))
    listed = session.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=target)
    assert listed["KeyCount"] == 0


def test_an_artifact_that_is_gone_is_refused_by_its_url(session: Session) -> None:
    gone = fetched(session, f"s3://{BUCKET}/training/gone/output/model.tar.gz")
    with pytest.raises(Refused, match=r"s3://artifacts/training/gone.*is not there \(NoSuchKey\)"):
        gone.__enter__()
