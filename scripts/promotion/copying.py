"""The artifact's way into the target's bucket: copied by S3, by the target's identity.

The bytes do not pass through this machine: the source's bucket policy lets the target's account
read, and the target's bucket encrypts by its own default. What stands there afterwards is read
back, and only bytes with the right digest are ever released.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from config import prefixes
from scripts import console
from scripts.artifact import Artifact, model_data_url, split_url
from scripts.aws_errors import code_of, explain, is_denied
from scripts.errors import Refused
from scripts.interruption import stopped
from scripts.promotion.upload import PartwiseCopy
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_BYTES: Final = 64 << 20
"""Above this size an artifact is copied in parts of it; S3 wants from 5 MiB to 5 GiB."""

_COPIES: Final = 2
"""The second is over bytes that are wrong; whoever writes there again is not outwaited."""

_CHUNK_BYTES: Final = 1 << 20
_ABSENT: Final = {"NoSuchKey", "404", "NotFound"}
_CHANGED: Final = {"PreconditionFailed", "412", "NoSuchKey"}
_TAKEN_OVER: Final = "NoSuchUpload"


class _Standing(Enum):
    """What stands at the key that names the artifact's content."""

    NOTHING = auto()
    THE_ARTIFACT = auto()
    OTHER_BYTES = auto()


@dataclass(frozen=True, kw_only=True)
class Copied:
    """The artifact in its new place, read back and right."""

    url: str
    copied_bytes: int
    """0 when it was there already."""

    def __str__(self) -> str:
        return f"{self.copied_bytes:,} bytes copied" if self.copied_bytes else "there already"


def copy_artifact(
    session: Session,
    artifact: Artifact,
    bucket: str,
    part_bytes: int = PART_BYTES,
    moved: Callable[[int], None] = lambda _: None,
) -> Copied:
    """Bring the artifact into the environment's bucket, unless it is there.

    An interrupted copy is gone on with when the command is repeated. `moved` is told of the bytes
    that stand there, part by part. Raises Refused when other bytes took its place, for
    missing permissions, and when what stands there is wrong after a second copy as well.
    """
    copy = _Copy(session, artifact, bucket, part_bytes, moved)
    url = model_data_url(bucket, artifact.sha256)
    copied = 0
    for _ in range(_COPIES):
        standing = copy.standing()
        if standing is _Standing.THE_ARTIFACT:
            return Copied(url=url, copied_bytes=copied)
        if standing is _Standing.OTHER_BYTES:
            console.say(f"{url} holds other bytes than its key says; copying the artifact over it")
        copied += copy.make()
    if copy.standing() is not _Standing.THE_ARTIFACT:
        raise Refused(
            f"{url} was copied twice, and still does not hold the bytes with SHA-256 "
            f"{artifact.sha256}: something else writes there; it is not released; find the writer "
            "in the bucket's access log, and promote again"
        )
    return Copied(url=url, copied_bytes=copied)


class _Copy:
    """One artifact's copy, with each error of S3 explained where it is met."""

    def __init__(
        self,
        session: Session,
        artifact: Artifact,
        bucket: str,
        part_bytes: int,
        moved: Callable[[int], None],
    ) -> None:
        self._s3: S3Client = session.client("s3")
        self._environment = session.settings.name
        self._artifact = artifact
        self._bucket, self._key = split_url(model_data_url(bucket, artifact.sha256))
        self._part_bytes = part_bytes
        self._moved = moved

    def standing(self) -> _Standing:
        """What is at the target's key now, by reading it; of too many bytes only the number."""
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=self._key)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return _Standing.NOTHING
            raise self._refused(error) from error
        if found["ContentLength"] != self._artifact.size_bytes:
            found["Body"].close()
            return _Standing.OTHER_BYTES
        digest = hashlib.sha256()
        for chunk in found["Body"].iter_chunks(_CHUNK_BYTES):
            digest.update(chunk)
        right = digest.hexdigest() == self._artifact.sha256
        return _Standing.THE_ARTIFACT if right else _Standing.OTHER_BYTES

    def make(self) -> int:
        """Copy, and go on with a copy that was interrupted. How many bytes S3 copied."""
        try:
            if self._artifact.size_bytes <= self._part_bytes:
                return self._whole()
            with stopped("the parts that are copied are kept; repeat the same command to go on"):
                return self._in_parts()
        except ClientError as error:
            if code_of(error) == _TAKEN_OVER:  # another promotion ended the same upload
                return 0
            raise self._refused(error) from error

    def _whole(self) -> int:
        bucket, key = split_url(self._artifact.url)
        self._s3.copy_object(
            Bucket=self._bucket,
            Key=self._key,
            CopySource={"Bucket": bucket, "Key": key},
            CopySourceIfMatch=self._artifact.etag,
            # S3 keeps it with the object, and `darkroom deploy` holds the release against it.
            ChecksumAlgorithm="SHA256",
            # Tags would need a permission of their own, and mean something in their account only.
            TaggingDirective="REPLACE",
        )
        self._moved(self._artifact.size_bytes)
        return self._artifact.size_bytes

    def _in_parts(self) -> int:
        return PartwiseCopy(
            s3=self._s3,
            artifact=self._artifact,
            bucket=self._bucket,
            key=self._key,
            part_bytes=self._part_bytes,
        ).finish(self._moved)

    def _refused(self, error: ClientError) -> Refused:
        artifact, code = self._artifact, code_of(error)
        if code in _CHANGED:
            return Refused(
                f"the artifact {artifact.url} is not the one any more that was judged ({code}): it "
                "was overwritten or removed meanwhile; nothing was released; promote again to "
                "judge what stands there now"
            )
        if is_denied(error):
            return Refused(
                f"{explain(error, f'environment {self._environment}')}; a promotion needs "
                f"s3:PutObject and s3:GetObject on s3://{self._bucket}/{prefixes.MODELS}/* (the "
                f"output PromotePolicyArn of environment {self._environment} is a policy with all "
                "it needs), and the use of the keys if a bucket has its own"
            )
        return Refused(f"{explain(error)}; repeat the same command to go on")
