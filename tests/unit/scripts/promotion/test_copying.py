"""The artifact's way into another bucket, in a real S3."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from botocore.exceptions import ClientError

from scripts.artifact import Artifact, model_data_url, split_url
from scripts.errors import Refused, Stopped
from scripts.promotion.copying import Copied, copy_artifact
from scripts.session import Session
from tests.unit.scripts.stock_cloud import session_to, stock_cloud

SOURCE, TARGET = "dev-artifacts", "prod-artifacts"
PART = 5 << 20


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        opened = session_to(url)
        for bucket in (SOURCE, TARGET):
            opened.client("s3").create_bucket(Bucket=bucket)
        yield opened


def judged(session: Session, folder: Path, seed: int, size: int = 1000) -> Artifact:
    """An artifact in the source's bucket that was read and found in order."""
    body = random.Random(seed).randbytes(size)  # noqa: S311 - bytes that differ, no secret
    sha256 = hashlib.sha256(body).hexdigest()
    url = model_data_url(SOURCE, sha256)
    bucket, key = split_url(url)
    etag = session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)["ETag"]
    file = folder / sha256
    file.write_bytes(body)
    return Artifact(url=url, etag=etag, sha256=sha256, size_bytes=size, file=file)


def put(session: Session, url: str, body: bytes) -> None:
    bucket, key = split_url(url)
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def content(session: Session, url: str) -> bytes:
    bucket, key = split_url(url)
    return bytes(session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


class Unfinished(NamedTuple):
    upload: str
    parts: list[int]


def unfinished(session: Session, original: Artifact) -> list[Unfinished]:
    """The uploads to the artifact's new place, with the parts that stand there."""
    s3 = session.client("s3")
    _, key = split_url(original.url)
    uploads = s3.list_multipart_uploads(Bucket=TARGET, Prefix=key).get("Uploads", [])
    return [
        Unfinished(
            row["UploadId"],
            [
                part["PartNumber"]
                for part in s3.list_parts(Bucket=TARGET, Key=key, UploadId=row["UploadId"]).get(
                    "Parts", []
                )
            ],
        )
        for row in uploads
    ]


def interrupted_after(parts: int, session: Session, original: Artifact) -> None:
    """Copy until so many parts are there, and then press Ctrl-C."""
    left = parts

    def moved(_: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    with pytest.raises(Stopped, match="parts that are copied are kept; repeat"):
        copy_artifact(session, original, TARGET, part_bytes=PART, moved=moved)


def test_the_copy_stands_under_its_digest_and_a_second_one_moves_nothing(
    session: Session, tmp_path: Path
) -> None:
    original = judged(session, tmp_path, 1)
    first = copy_artifact(session, original, TARGET)
    assert first.url == f"s3://{TARGET}/models/{original.sha256}/model.tar.gz"
    assert first.copied_bytes == original.size_bytes
    assert content(session, first.url) == original.file.read_bytes()
    assert copy_artifact(session, original, TARGET).copied_bytes == 0


def test_an_interrupted_copy_goes_on_with_the_parts_that_are_missing(
    session: Session, tmp_path: Path
) -> None:
    original = judged(session, tmp_path, 2, 10 * PART + 77)
    interrupted_after(1, session, original)
    (begun,) = unfinished(session, original)
    assert begun.parts
    assert len(begun.parts) < 11
    seen: list[int] = []
    copied = copy_artifact(session, original, TARGET, part_bytes=PART, moved=seen.append)
    sizes = {number: PART if number < 11 else 77 for number in range(1, 12)}
    assert copied.copied_bytes == original.size_bytes - sum(sizes[each] for each in begun.parts)
    assert sum(seen) == original.size_bytes
    assert unfinished(session, original) == []
    assert content(session, copied.url) == original.file.read_bytes()


def test_a_part_of_other_bytes_is_not_gone_on_with(session: Session, tmp_path: Path) -> None:
    original = judged(session, tmp_path, 3, 2 * PART)
    s3 = session.client("s3")
    _, key = split_url(original.url)
    upload = s3.create_multipart_upload(Bucket=TARGET, Key=key)["UploadId"]
    for number in (1, 2):
        body = original.file.read_bytes()[(number - 1) * PART : number * PART]
        s3.upload_part(
            Bucket=TARGET,
            Key=key,
            UploadId=upload,
            PartNumber=number,
            Body=body if number == 1 else bytes(PART),
        )
    copied = copy_artifact(session, original, TARGET, part_bytes=PART)
    assert copied.copied_bytes == PART
    assert content(session, copied.url) == original.file.read_bytes()


@pytest.mark.parametrize("size", [1000, 12], ids=["the same size", "another size"])
def test_other_bytes_at_the_target_are_copied_over(
    session: Session, tmp_path: Path, size: int
) -> None:
    original = judged(session, tmp_path, 4 + size)
    put(session, model_data_url(TARGET, original.sha256), bytes(size))
    copied = copy_artifact(session, original, TARGET)
    assert copied.copied_bytes == original.size_bytes
    assert content(session, copied.url) == original.file.read_bytes()


def test_a_target_that_is_wrong_after_two_copies_is_refused(
    session: Session, tmp_path: Path
) -> None:
    original = judged(session, tmp_path, 5)
    url = model_data_url(TARGET, original.sha256)
    copies = []

    def tamper(_: int) -> None:
        copies.append(1)
        put(session, url, b"somebody else's")

    with pytest.raises(Refused, match=r"was copied twice.*SHA-256.*not released"):
        copy_artifact(session, original, TARGET, moved=tamper)
    assert len(copies) == 2


@pytest.mark.parametrize("size", [1000, 2 * PART], ids=["whole", "in parts"])
def test_a_source_that_was_overwritten_since_it_was_judged_is_refused(
    session: Session, tmp_path: Path, size: int
) -> None:
    original = judged(session, tmp_path, 6 + size, size)
    put(session, original.url, bytes(size))
    with pytest.raises(Refused, match=r"not the one any more that was judged \(Precondition"):
        copy_artifact(session, original, TARGET, part_bytes=PART)
    bucket, key = split_url(model_data_url(TARGET, original.sha256))
    with pytest.raises(ClientError, match="NoSuchKey"):
        session.client("s3").get_object(Bucket=bucket, Key=key)


def test_a_source_that_was_removed_is_refused(session: Session, tmp_path: Path) -> None:
    original = judged(session, tmp_path, 7)
    bucket, key = split_url(original.url)
    session.client("s3").delete_object(Bucket=bucket, Key=key)
    with pytest.raises(Refused, match=r"overwritten or removed meanwhile; nothing was released"):
        copy_artifact(session, original, TARGET)


def test_two_promotions_of_one_artifact_at_once_both_find_it_there(
    session: Session, tmp_path: Path
) -> None:
    original = judged(session, tmp_path, 8, 2 * PART)
    others: list[Copied] = []

    def moved(_: int) -> None:
        if not others:  # while ours is under way, somebody else ends the same upload
            others.append(copy_artifact(session, original, TARGET, part_bytes=PART))

    ours = copy_artifact(session, original, TARGET, part_bytes=PART, moved=moved)
    assert ours.url == others[0].url
    assert content(session, ours.url) == original.file.read_bytes()
    assert unfinished(session, original) == []


def test_an_upload_to_a_longer_key_is_somebody_elses(session: Session, tmp_path: Path) -> None:
    original = judged(session, tmp_path, 10, 2 * PART)
    s3, (_, key) = session.client("s3"), split_url(original.url)
    other = s3.create_multipart_upload(Bucket=TARGET, Key=f"{key}.other")["UploadId"]
    copied = copy_artifact(session, original, TARGET, part_bytes=PART)
    assert copied.copied_bytes == original.size_bytes
    left = s3.list_multipart_uploads(Bucket=TARGET, Prefix=key)["Uploads"]
    assert [row["UploadId"] for row in left] == [other]
