"""Model artifacts, in a real S3."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.environments import LOCAL
from scripts.artifact import keep
from scripts.errors import Refused
from scripts.session import Session, open_session
from tests.unit.scripts.stock_cloud import stock_cloud

BUCKET = "artifacts"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        opened = open_session(replace(LOCAL, endpoint_url=url))
        opened.client("s3").create_bucket(Bucket=BUCKET)
        yield opened


def put(session: Session, key: str, body: bytes) -> str:
    session.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def archive_of(*names: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 4
            archive.addfile(member, io.BytesIO(b"data"))
    return buffer.getvalue()


def test_an_artifact_is_kept_under_its_digest_with_the_format_that_was_found(
    session: Session,
) -> None:
    body = archive_of("image-classification-0003.onnx", "model-shapes.json")
    kept = keep(session, put(session, "training/j/output/model.tar.gz", body), BUCKET)
    digest = hashlib.sha256(body).hexdigest()
    assert kept.sha256 == digest
    assert kept.size_bytes == len(body)
    assert kept.format == "onnx"
    assert kept.url == f"s3://{BUCKET}/models/{digest}/model.tar.gz"
    copy = session.client("s3").get_object(Bucket=BUCKET, Key=f"models/{digest}/model.tar.gz")
    assert copy["Body"].read() == body


def test_the_same_content_is_copied_once(session: Session) -> None:
    url = put(
        session, "training/k/output/model.tar.gz", archive_of("image-classification-0001.params")
    )
    kept = keep(session, url, BUCKET)
    s3 = session.client("s3")
    key = kept.url.removeprefix(f"s3://{BUCKET}/")
    before = s3.head_object(Bucket=BUCKET, Key=key)["LastModified"]
    assert keep(session, url, BUCKET) == kept
    assert s3.head_object(Bucket=BUCKET, Key=key)["LastModified"] == before


def test_an_artifact_that_is_gone_is_refused_by_its_url(session: Session) -> None:
    with pytest.raises(Refused, match=r"s3://artifacts/training/gone.*is not there \(NoSuchKey\)"):
        keep(session, f"s3://{BUCKET}/training/gone/output/model.tar.gz", BUCKET)


def test_an_artifact_that_is_no_archive_is_refused(session: Session) -> None:
    with pytest.raises(Refused, match=r"is no tar\.gz"):
        keep(session, put(session, "training/text/output/model.tar.gz", b"not an archive"), BUCKET)


def test_an_archive_of_another_algorithm_is_refused(session: Session) -> None:
    url = put(session, "training/other/output/model.tar.gz", archive_of("xgboost-model"))
    with pytest.raises(Refused, match="in no known format"):
        keep(session, url, BUCKET)
    listed = session.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="models/")
    digests = {row["Key"].split("/")[1] for row in listed.get("Contents", [])}
    assert hashlib.sha256(archive_of("xgboost-model")).hexdigest() not in digests
