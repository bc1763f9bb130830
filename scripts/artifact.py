"""A model artifact: read once to know what it is, kept under its digest for good."""

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from scripts import console
from scripts.artifact_contents import Contents, contents_of
from scripts.aws_errors import code_of
from scripts.errors import Refused
from scripts.session import Session

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef, HeadObjectOutputTypeDef

_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A model.tar.gz, by content: it lies in `file` while the block of `fetched` lasts."""

    url: str
    """Where it was read from."""

    etag: str
    """S3's name for the bytes that were read, with its quotation marks."""

    sha256: str
    size_bytes: int
    file: Path

    @cached_property
    def contents(self) -> Contents:
        """What its members say. Raises UnsafeArchive and ArtifactError, on each look."""
        return contents_of(self.file)


def split_url(url: str) -> tuple[str, str]:
    """Bucket and key of an `s3://bucket/key` URL."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def model_data_url(bucket: str, sha256: str) -> str:
    """Where an artifact of this digest is kept in `bucket`.

    A key that holds one content for ever is what makes a deployment of it repeatable: SageMaker
    loads it again at each scale-out (facts D.3, 4).
    """
    return f"s3://{bucket}/models/{sha256}/model.tar.gz"


@contextmanager
def fetched(session: Session, url: str, largest: int | None = None) -> Iterator[Artifact]:
    """The artifact at `url`, read whole: digest and size are what was found, not what was claimed.

    Raises Refused for an artifact that is not there, cannot be read to its end, or has more than
    `largest` bytes, of which none is read then; None takes any size.
    """
    with tempfile.NamedTemporaryFile(prefix="darkroom-", suffix=".tar.gz") as file:
        sha256, size, etag = _download(session, url, file, largest)
        file.flush()
        yield Artifact(url=url, etag=etag, sha256=sha256, size_bytes=size, file=Path(file.name))


def store(session: Session, artifact: Artifact, bucket: str) -> str:
    """Keep a copy in `bucket`, under the artifact's digest; the copy's URL.

    What is there already is not copied again, once it is proven to be the same. Raises Refused
    for an artifact that was overwritten since it was read, and for a copy that is not its like.
    """
    s3: S3Client = session.client("s3")
    target = model_data_url(bucket, artifact.sha256)
    if _holds(s3, target, artifact):
        return target
    source_bucket, source_key = split_url(artifact.url)
    # A managed copy: artifacts beyond 5 GB are copied in parts, which a plain copy refuses.
    # Only of the bytes that were read: a key can be overwritten in between.
    source: CopySourceTypeDef = {"Bucket": source_bucket, "Key": source_key}
    _, key = split_url(target)
    try:
        s3.copy(source, bucket, key, ExtraArgs={"CopySourceIfMatch": artifact.etag})
    except ClientError as error:
        if code_of(error) not in {"PreconditionFailed", "412"}:
            raise
        raise Refused(
            f"the model artifact {artifact.url} was overwritten while it was judged; nothing was "
            "released; find out by whom, and repeat"
        ) from error
    if not _holds(s3, target, artifact):
        raise Refused(
            f"the copy {target} does not have the SHA-256 {artifact.sha256} of {artifact.url}; "
            "nothing was released; repeat"
        )
    return target


def _download(
    session: Session, url: str, file: IO[bytes], largest: int | None
) -> tuple[str, int, str]:
    """Digest, size in bytes and ETag of what was read."""
    s3: S3Client = session.client("s3")
    bucket, key = split_url(url)
    try:
        found = s3.get_object(Bucket=bucket, Key=key)
        if largest is not None and found["ContentLength"] > largest:
            found["Body"].close()
            raise Refused(
                f"the model artifact {url} has {found['ContentLength']:,} bytes, but {largest:,} "
                "were released: it was overwritten; find out by whom, and release it again"
            )
        sha256, size = _digest(found["Body"], file)
    except ClientError as error:
        code = code_of(error)
        if code in {"NoSuchKey", "NoSuchBucket"}:
            raise Refused(
                f"the model artifact {url} is not there ({code}); train again, or restore it"
            ) from error
        raise
    except BotoCoreError as error:
        if "Read" not in type(error).__name__ and "Stream" not in type(error).__name__:
            raise
        raise Refused(f"the model artifact {url} could not be read: {error}; repeat") from error
    return sha256, size, found["ETag"]


def _digest(body: "StreamingBody", file: IO[bytes] | None = None) -> tuple[str, int]:
    """SHA-256 and size in bytes of what is streamed, and into `file` with it."""
    digest, size = hashlib.sha256(), 0
    with console.byte_progress() as progress:
        bar = progress.add_task("reading the artifact", total=None)
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            digest.update(chunk)
            if file is not None:
                file.write(chunk)
            size += len(chunk)
            progress.update(bar, completed=size)
    return digest.hexdigest(), size


def _holds(s3: "S3Client", url: str, artifact: Artifact) -> bool:
    """Whether there is an object at `url` with the artifact's content, whoever put it there."""
    bucket, key = split_url(url)
    try:
        found = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if code_of(error) in {"404", "NoSuchKey", "NotFound"}:
            return False
        raise
    if found["ContentLength"] != artifact.size_bytes:
        return False
    known = known_sha256(found)
    if known is None:
        known, _ = _digest(s3.get_object(Bucket=bucket, Key=key)["Body"])
    return known == artifact.sha256


def known_sha256(found: "HeadObjectOutputTypeDef") -> str | None:
    """The SHA-256 of an object's content that S3 has kept, asked for with ChecksumMode; or None.

    An object that was put in parts has another one, which ends in their number.
    """
    digest = found.get("ChecksumSHA256", "")
    return base64.b64decode(digest).hex() if digest and "-" not in digest else None
