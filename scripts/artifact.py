"""A model artifact: read once to know its digest and format, kept under its digest for good."""

import hashlib
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from algorithm.contract.artifact import ArtifactError, artifact_format
from scripts import console
from scripts.aws_errors import code_of
from scripts.errors import Refused
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A model.tar.gz in S3, by content."""

    url: str
    sha256: str
    size_bytes: int
    format: str


def split_url(url: str) -> tuple[str, str]:
    """Bucket and key of an `s3://bucket/key` URL."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def keep(session: Session, url: str, bucket: str) -> Artifact:
    """Read the artifact at `url` and keep a copy at `models/<sha256>/model.tar.gz` of `bucket`.

    A key that holds one content for ever is what makes a deployment of it repeatable: SageMaker
    loads it again at each scale-out (facts D.3, 4). Raises Refused for an artifact that is not
    there, not readable or of no known format.
    """
    s3: S3Client = session.client("s3")
    with tempfile.TemporaryFile() as file:
        sha256, size, etag = _download(s3, url, file)
        file.seek(0)
        found_format = _format(file, url)
    key = f"models/{sha256}/model.tar.gz"
    _copy_once(s3, url, bucket, key, size, etag)
    return Artifact(url=f"s3://{bucket}/{key}", sha256=sha256, size_bytes=size, format=found_format)


def _download(s3: "S3Client", url: str, file: IO[bytes]) -> tuple[str, int, str]:
    """Digest, size in bytes and ETag of what was read."""
    bucket, key = split_url(url)
    try:
        found = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        code = code_of(error)
        if code in {"NoSuchKey", "NoSuchBucket"}:
            raise Refused(
                f"the model artifact {url} is not there ({code}); train again, or restore it"
            ) from error
        raise
    digest, size = hashlib.sha256(), 0
    with console.byte_progress() as progress:
        bar = progress.add_task("reading the artifact", total=None)
        for chunk in found["Body"].iter_chunks(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
            size += len(chunk)
            progress.update(bar, completed=size)
    return digest.hexdigest(), size, found["ETag"]


def _format(file: IO[bytes], url: str) -> str:
    try:
        found = artifact_format(_members(file))
    except ArtifactError as error:
        raise Refused(f"{url}: {error}; release a job of that algorithm") from error
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Refused(f"the model artifact {url} is no tar.gz: {error}; train again") from error
    return found


def _members(file: IO[bytes]) -> Iterator[str]:
    with tarfile.open(fileobj=file, mode="r:gz") as archive:
        for member in archive:
            yield member.name


def _copy_once(s3: "S3Client", url: str, bucket: str, key: str, size: int, etag: str) -> None:
    source_bucket, source_key = split_url(url)
    try:
        if s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == size:
            return
    except ClientError as error:
        if code_of(error) not in {"404", "NoSuchKey", "NotFound"}:
            raise
    # A managed copy: artifacts beyond 5 GB are copied in parts, which a plain copy refuses.
    # Only of the bytes that were read: a key can be overwritten in between.
    source: CopySourceTypeDef = {"Bucket": source_bucket, "Key": source_key}
    s3.copy(source, bucket, key, ExtraArgs={"CopySourceIfMatch": etag})
