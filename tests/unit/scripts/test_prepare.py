"""`prepare` against a real S3."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dataset.assembly import assemble
from dataset.description import Description
from dataset.folder import open_folder
from dataset.layout import Layout
from scripts.bucket import Bucket
from scripts.datasets.upload import upload_images
from scripts.errors import Refused
from scripts.prepare import prepare
from scripts.session import Session, open_session
from tests.unit.dataset.photos import any_jpeg, any_png, two_classes, write_folder
from tests.unit.scripts.stock_cloud import (
    bucket_of,
    deploy_bucket,
    objects,
    session_to,
    stock_cloud,
    versions,
)

APPS = (f"app{number}" for number in count())


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        yield url


@pytest.fixture
def session(url: str) -> Session:
    """An environment of the test's own, with its bucket deployed."""
    session = session_to(url, next(APPS))
    deploy_bucket(session)
    return session


def json_lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def test_the_bucket_holds_what_the_layout_promises(session: Session, tmp_path: Path) -> None:
    root = two_classes(tmp_path, each=5)
    write_folder(
        root,
        {
            "cat/photo.png": any_jpeg(77),
            "cat/notes.jpg": b"notes",
            "dog/copy.png": any_png(1000),
        },
    )
    prepared = prepare(session, root)
    stored = objects(session)
    prefix = f"datasets/{prepared.dataset_id}"
    assert prepared.uri == f"s3://{bucket_of(session)}/{prefix}/"
    images = {key: body for key, body in stored.items() if key.startswith(f"{prefix}/images/")}
    assert set(stored) - set(images) == {
        f"{prefix}/{name}"
        for name in (
            "dataset.json",
            "rejected.jsonl",
            "train/train.manifest",
            "validation/validation.manifest",
        )
    }
    for key, body in images.items():
        name, _, extension = key.rpartition("/")[2].partition(".")
        assert name == hashlib.sha256(body).hexdigest()
        assert extension == ("jpg" if body.startswith(b"\xff\xd8") else "png")
    streamed = [
        line
        for split in ("train", "validation")
        for line in json_lines(stored[f"{prefix}/{split}/{split}.manifest"])
    ]
    assert {line["source-ref"] for line in streamed} == {
        f"s3://{bucket_of(session)}/{key}" for key in images
    }
    assert len(streamed) == len(images) == 11
    rejected = json_lines(stored[f"{prefix}/rejected.jsonl"])
    assert [(line["file"], line["rule"]) for line in rejected] == [
        ("cat/notes.jpg", "format"),
        ("dog/copy.png", "duplicate"),
    ]
    assert Description.from_json(stored[f"{prefix}/dataset.json"]) == prepared.description


def test_stored_images_carry_their_media_type(session: Session, tmp_path: Path) -> None:
    prepared = prepare(session, write_folder(two_classes(tmp_path), {"cat/j.png": any_jpeg(9)}))
    s3 = session.client("s3")
    for key, body in objects(session).items():
        if key.startswith(f"datasets/{prepared.dataset_id}/images/"):
            head = s3.head_object(Bucket=bucket_of(session), Key=key)
            wanted = "image/jpeg" if body.startswith(b"\xff\xd8") else "image/png"
            assert head["ContentType"] == wanted


def test_preparing_the_same_photos_again_writes_nothing(session: Session, tmp_path: Path) -> None:
    first = prepare(session, two_classes(tmp_path / "first", each=6))
    before = versions(session)
    second = prepare(session, two_classes(tmp_path / "second", each=6))
    assert first.dataset_id == second.dataset_id
    assert (first.uploaded_images, first.reused_images) == (12, 0)
    assert (second.uploaded_images, second.uploaded_bytes, second.reused_images) == (0, 0, 12)
    assert versions(session) == before
    assert set(before.values()) == {1}


def test_an_unfinished_upload_is_completed_with_what_is_missing(
    session: Session, tmp_path: Path
) -> None:
    root = two_classes(tmp_path, each=6)
    prepared = prepare(session, root)
    whole = objects(session)
    s3, bucket = session.client("s3"), bucket_of(session)
    layout = Layout(prepared.dataset_id)
    lost, damaged, *_ = sorted(key for key in whole if key.startswith(f"{layout.images}/"))
    for key in (layout.description, lost):
        s3.delete_object(Bucket=bucket, Key=key)
    s3.put_object(Bucket=bucket, Key=damaged, Body=b"half")
    s3.put_object(Bucket=bucket, Key=f"{layout.images}/stranger", Body=b"somebody's")
    again = prepare(session, root)
    assert (again.uploaded_images, again.reused_images) == (2, 10)
    assert objects(session) == whole | {f"{layout.images}/stranger": b"somebody's"}
    images = {key: n for key, n in versions(session).items() if key.startswith(layout.images)}
    assert {key for key, written in images.items() if written > 1} == {lost, damaged}


def test_a_file_that_changes_after_its_inspection_is_not_uploaded(
    session: Session, tmp_path: Path
) -> None:
    root = two_classes(tmp_path)
    dataset = assemble(open_folder(root), validation_fraction=0.2, seed=0)
    bucket = Bucket(session, bucket_of(session))
    changed = root / "cat/2.png"
    changed.write_bytes(any_png(5555))
    for _ in ("another content", "no file"):
        with pytest.raises(Refused, match=r"cat/2\.png changed while it was being prepared"):
            list(upload_images(bucket, Layout(dataset.id), root, dataset.images))
        changed.unlink(missing_ok=True)
    lost = next(image for image in dataset.images if image.file == "cat/2.png")
    assert Layout(dataset.id).image(lost.sha256, lost.format) not in objects(session)


def test_a_link_inside_the_folder_is_uploaded_as_the_file_it_leads_to(
    session: Session, tmp_path: Path
) -> None:
    root = two_classes(tmp_path)
    (root / "cat/2.png").rename(tmp_path / ".original.png")
    (root / "cat/2.png").symlink_to("../.original.png")
    assert prepare(session, root).uploaded_images == 8


def test_an_environment_that_is_not_deployed_is_refused_before_the_inspection(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="darkroom bootstrap --env local"):
        prepare(session_to(url, "undeployed"), two_classes(tmp_path))


def test_a_bucket_that_is_gone_is_refused_and_named(session: Session, tmp_path: Path) -> None:
    session.client("s3").delete_bucket(Bucket=bucket_of(session))
    with pytest.raises(Refused, match=f"s3://{bucket_of(session)}/.*bucket does not exist"):
        prepare(session, two_classes(tmp_path))


def test_another_account_is_refused(session: Session, tmp_path: Path) -> None:
    elsewhere = open_session(replace(session.settings, account="123456789012"))
    with pytest.raises(Refused, match="is account 123456789012, but"):
        prepare(elsewhere, two_classes(tmp_path))
    assert objects(session) == {}


def test_no_variable_can_send_the_images_past_the_account_that_was_checked(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    monkeypatch.setenv("AWS_BUCKET", "elsewhere")
    prepared = prepare(session, two_classes(tmp_path))
    assert f"datasets/{prepared.dataset_id}/dataset.json" in objects(session)


def test_a_prefix_that_holds_another_dataset_is_refused(session: Session, tmp_path: Path) -> None:
    root = two_classes(tmp_path)
    prepared = prepare(session, root)
    other = replace(prepared.description, digest="0" * 64)
    key = Layout(prepared.dataset_id).description
    s3 = session.client("s3")
    s3.put_object(Bucket=bucket_of(session), Key=key, Body=other.to_json())
    with pytest.raises(Refused, match="describes another dataset"):
        prepare(session, root)
