"""A copy in parts, made by S3 itself: what an interruption leaves of it is gone on with."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scripts.artifact import Artifact, split_url
from scripts.promotion.parts import Part, digests, parts_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, PartTypeDef

_AT_ONCE: Final = 8
"""Parts that S3 copies at a time: between regions one takes seconds."""


@dataclass(frozen=True, kw_only=True)
class PartwiseCopy:
    """The copy of one artifact to one key, by the identity of the client."""

    s3: "S3Client"
    artifact: Artifact
    bucket: str
    key: str
    part_bytes: int

    def finish(self, moved: Callable[[int], None]) -> int:
        """Copy the parts that are missing, and put them together; how many bytes were copied.

        A part that stands there already is kept if S3's digest of it is that of the file that was
        judged. `moved` is told the bytes of each part once it stands there.
        """
        parts = parts_of(self.artifact.size_bytes, self.part_bytes)
        upload = self._newest() or self._begun()
        there = self._there(upload, parts)
        for part in parts:
            if part.number in there:
                moved(part.size)
        missing = [part for part in parts if part.number not in there]
        copied = self._copied(upload, missing, moved)
        self.s3.complete_multipart_upload(
            Bucket=self.bucket,
            Key=self.key,
            UploadId=upload,
            MultipartUpload={"Parts": [(there | copied)[part.number] for part in parts]},
        )
        return sum(part.size for part in missing)

    def _begun(self) -> str:
        # With a checksum of each part, since under a key of one's own an ETag tells nothing.
        begun = self.s3.create_multipart_upload(
            Bucket=self.bucket, Key=self.key, ChecksumAlgorithm="SHA256"
        )
        return begun["UploadId"]

    def _newest(self) -> str | None:
        """The unfinished upload to this key that was begun last."""
        pages = self.s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket, Prefix=self.key
        )
        rows = [row for page in pages for row in page.get("Uploads", []) if row["Key"] == self.key]
        return max(rows, key=lambda row: row["Initiated"])["UploadId"] if rows else None

    def _there(self, upload: str, parts: Sequence[Part]) -> "dict[int, CompletedPartTypeDef]":
        pages = self.s3.get_paginator("list_parts").paginate(
            Bucket=self.bucket, Key=self.key, UploadId=upload
        )
        listed = {row["PartNumber"]: row for page in pages for row in page.get("Parts", [])}
        return {
            part.number: _completed(part, listed[part.number])
            for part in parts
            if part.number in listed and self._is_right(part, listed[part.number])
        }

    def _is_right(self, part: Part, found: "PartTypeDef") -> bool:
        if found["Size"] != part.size:
            return False
        wanted = digests(self.artifact.file, part)
        return wanted.are_told(found["ETag"], found.get("ChecksumSHA256"))

    def _copied(
        self, upload: str, parts: Sequence[Part], moved: Callable[[int], None]
    ) -> "dict[int, CompletedPartTypeDef]":
        done: dict[int, CompletedPartTypeDef] = {}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = {pool.submit(self._copy_part, upload, part): part for part in parts}
            try:
                for each in as_completed(waiting):
                    part = waiting[each]
                    done[part.number] = _completed(part, each.result())
                    moved(part.size)
            except BaseException:
                # Those under way end within seconds; the others are for the next time.
                pool.shutdown(cancel_futures=True)
                raise
        return done

    def _copy_part(self, upload: str, part: Part) -> Any:
        bucket, key = split_url(self.artifact.url)
        return self.s3.upload_part_copy(
            Bucket=self.bucket,
            Key=self.key,
            UploadId=upload,
            PartNumber=part.number,
            CopySource={"Bucket": bucket, "Key": key},
            CopySourceIfMatch=self.artifact.etag,
            CopySourceRange=part.range,
        )["CopyPartResult"]


def _completed(part: Part, told: Any) -> "CompletedPartTypeDef":
    """As CompleteMultipartUpload wants it: with the checksum, where S3 told one."""
    completed: CompletedPartTypeDef = {"PartNumber": part.number, "ETag": told["ETag"]}
    if "ChecksumSHA256" in told:
        completed["ChecksumSHA256"] = told["ChecksumSHA256"]
    return completed
