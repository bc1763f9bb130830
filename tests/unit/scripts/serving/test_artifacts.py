"""A released artifact, looked at where it lies."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.environments import PROD
from config.release import ReleasedModel
from scripts.errors import Refused
from scripts.serving.artifacts import Evidence, check_artifact
from scripts.session import Session
from tests.releases import any_model, any_proof
from tests.unit.scripts.stock_cloud import session_to, stock_cloud

CONTENT = b"a model"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        yield session_to(url)


def stored(session: Session, bucket: str, content: bytes | None, **put: str) -> ReleasedModel:
    """A model released as CONTENT, whose artifact in S3 holds `content`."""
    s3 = session.client("s3")
    s3.create_bucket(Bucket=bucket)
    key = f"models/{SHA256}/model.tar.gz"
    if content is not None:
        s3.put_object(Bucket=bucket, Key=key, Body=content, **put)
    return any_model(
        artifact_sha256=SHA256,
        artifact_size_bytes=len(CONTENT),
        model_data_url=f"s3://{bucket}/{key}",
    )


def test_without_a_digest_of_its_own_s3_vouches_for_the_size(session: Session) -> None:
    model = stored(session, "plain", CONTENT)
    assert check_artifact(session, "champion", model).evidence in (Evidence.SIZE, Evidence.DIGEST)


def test_s3s_own_digest_is_the_better_evidence(session: Session) -> None:
    model = stored(session, "digested", CONTENT, ChecksumAlgorithm="SHA256")
    assert check_artifact(session, "champion", model).evidence is Evidence.DIGEST


def test_an_artifact_that_is_gone_is_refused_with_the_command_that_brings_it_back(
    session: Session,
) -> None:
    model = stored(session, "gone", None)
    with pytest.raises(Refused, match=r"is gone; .*`darkroom release darkroom-dev-first"):
        check_artifact(session, "challenger", model)


def test_a_promoted_artifact_that_is_gone_is_promoted_again(session: Session) -> None:
    model = replace(stored(session, "gone-too", None), served_in=any_proof(artifact_sha256=SHA256))
    with pytest.raises(Refused, match=r"is gone; .*`darkroom promote --from dev --to prod`"):
        check_artifact(replace(session, settings=PROD), "champion", model)


def test_an_artifact_of_another_size_was_overwritten(session: Session) -> None:
    model = stored(session, "longer", CONTENT + b"!")
    with pytest.raises(Refused, match="has 8 bytes, but 7 were released: it was overwritten"):
        check_artifact(session, "champion", model)


def test_an_artifact_of_the_same_size_and_another_digest_was_overwritten(session: Session) -> None:
    model = stored(session, "swapped", CONTENT[::-1], ChecksumAlgorithm="SHA256")
    with pytest.raises(Refused, match=r"has the SHA-256 .*: it was overwritten"):
        check_artifact(session, "champion", model)
