"""The broken candidate: a copy of the released model with a defect, kept like any artifact."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from algorithm.contract.artifact import ArtifactFormat
from config import prefixes
from config.release import ReleasedModel
from scripts.artifact import split_url
from scripts.aws_errors import code_of
from scripts.bucket import Bucket
from scripts.drilling.defect import break_artifact
from scripts.errors import Refused
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MEDIA_TYPE: Final = "application/gzip"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A broken model, in a file on this machine until it is uploaded."""

    model: ReleasedModel
    """As a release would name it."""

    format: ArtifactFormat
    file: Path

    def upload(self, session: Session) -> None:
        """Put the artifact where the model says it is. Raises Refused."""
        bucket, key = split_url(self.model.model_data_url)
        Bucket(session, bucket).put(key, self.file, _MEDIA_TYPE)


@contextmanager
def broken_copy(session: Session, model: ReleasedModel) -> Iterator[Candidate]:
    """A broken copy of a released model, for as long as the block lasts; nothing is uploaded.

    Its key is its digest, as for every artifact, below a prefix where a drill may delete. Raises
    Refused for an artifact that is gone or not this algorithm's.
    """
    with tempfile.TemporaryFile() as sound, tempfile.NamedTemporaryFile() as broken:
        _download(session, model, sound)
        found = break_artifact(sound, broken)
        size = broken.tell()
        broken.seek(0)
        sha256 = hashlib.file_digest(broken, "sha256").hexdigest()
        bucket, _ = split_url(model.model_data_url)
        yield Candidate(
            model=replace(
                model,
                model_data_url=f"s3://{bucket}/{prefixes.DRILL}/models/{sha256}/model.tar.gz",
                artifact_sha256=sha256,
                artifact_size_bytes=size,
            ),
            format=found,
            file=Path(broken.name),
        )


def remove(session: Session, model: ReleasedModel) -> None:
    """Delete the artifact of a broken model; done when it is gone already."""
    bucket, key = split_url(model.model_data_url)
    s3: S3Client = session.client("s3")
    s3.delete_object(Bucket=bucket, Key=key)


def _download(session: Session, model: ReleasedModel, file: IO[bytes]) -> None:
    bucket, key = split_url(model.model_data_url)
    s3: S3Client = session.client("s3")
    try:
        shutil.copyfileobj(s3.get_object(Bucket=bucket, Key=key)["Body"], file)
    except ClientError as error:
        if code_of(error) in {"NoSuchKey", "NoSuchBucket"}:
            raise Refused(
                f"the released artifact {model.model_data_url} is gone; release a training job "
                f"again: `darkroom release JOB --env {session.settings.name}`"
            ) from error
        raise
    file.seek(0)
