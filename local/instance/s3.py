"""Objects in S3 as the execution role sees them; a refusal names the action and the object."""

import math
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Self
from urllib.parse import quote, unquote

import urllib3

from local.instance.signed_http import ServiceRefusal, SignedHttp

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class ObjectUri:
    """`s3://bucket/key`; the key may be empty or a prefix."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError when `text` is not an S3 URI."""
        scheme, _, rest = text.partition("://")
        bucket, _, key = rest.partition("/")
        if scheme != "s3" or not bucket:
            raise ValueError(f"{text!r} is not an S3 URI (s3://bucket/key)")
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def path(self) -> str:
        """The path-style request path."""
        return f"/{self.bucket}/{quote(self.key, safe='/-_.~')}"

    def child(self, name: str) -> "ObjectUri":
        """The object `name` below this prefix."""
        return ObjectUri(self.bucket, f"{self.key.rstrip('/')}/{name}".lstrip("/"))


class ObjectUnavailable(Exception):
    """S3 did not do `action` on an object: it is absent, or the role may not."""

    def __init__(self, action: str, uri: ObjectUri, refusal: ServiceRefusal) -> None:
        code = "NoSuchKey" if refusal.code == "NotFound" else refusal.code
        super().__init__(f"{code} ({refusal.status}): {action} on {uri}: {refusal.message}")
        self.code = code


class S3:
    """The few operations an instance needs. Safe to use from many threads."""

    def __init__(self, http: SignedHttp) -> None:
        self._http = http

    def read(self, uri: ObjectUri) -> bytes:
        """A whole object in memory. Raises ObjectUnavailable."""
        return self._get(uri, stream=False).data

    def download(self, uri: ObjectUri, target: Path, timeout_seconds: float = math.inf) -> None:
        """A whole object into a file, in constant memory. Raises ObjectUnavailable."""
        deadline = time.monotonic() + timeout_seconds
        response = self._get(uri, stream=True)
        whole = False
        try:
            with target.open("wb") as file:
                for chunk in response.stream(CHUNK_BYTES, decode_content=False):
                    file.write(chunk)
                    if time.monotonic() > deadline:
                        late = ServiceRefusal("Timeout", f"not done after {timeout_seconds} s", 0)
                        raise ObjectUnavailable("s3:GetObject", uri, late)
            whole = True
        except urllib3.exceptions.HTTPError as error:
            broken = ServiceRefusal("ConnectionError", str(error), 0)
            raise ObjectUnavailable("s3:GetObject", uri, broken) from error
        finally:
            if not whole:
                response.close()  # the rest would be taken for the next answer
            response.release_conn()

    def upload(self, source: Path, uri: ObjectUri, *, kms_key_id: str | None = None) -> None:
        """A file as one object. Raises ObjectUnavailable."""
        size = source.stat().st_size
        with source.open("rb", buffering=CHUNK_BYTES) as file:
            self._put(uri, file, {"Content-Length": str(size), **_encryption(kms_key_id)})

    def write(self, uri: ObjectUri, body: bytes, *, kms_key_id: str | None = None) -> None:
        """Bytes as one object. Raises ObjectUnavailable."""
        self._put(uri, body, _encryption(kms_key_id))

    def keys(self, prefix: ObjectUri) -> Iterator[str]:
        """Every key under a prefix, in S3's order. Raises ObjectUnavailable."""
        query = {"list-type": "2", "prefix": prefix.key, "encoding-type": "url"}
        while True:
            try:
                response = self._http.send("s3", "GET", f"/{prefix.bucket}", query=query)
            except ServiceRefusal as refusal:
                raise ObjectUnavailable("s3:ListBucket", prefix, refusal) from refusal
            page = ET.fromstring(response.data)  # noqa: S314 - our own cloud's answer
            for element in page.iterfind("{*}Contents/{*}Key"):
                yield unquote(element.text or "")
            token = page.findtext("{*}NextContinuationToken")
            if not token:
                return
            query["continuation-token"] = token

    def _put(self, uri: ObjectUri, body: bytes | IO[bytes], headers: dict[str, str]) -> None:
        try:
            self._http.send("s3", "PUT", uri.path, headers=headers, body=body)
        except ServiceRefusal as refusal:
            raise ObjectUnavailable("s3:PutObject", uri, refusal) from refusal

    def _get(self, uri: ObjectUri, *, stream: bool) -> urllib3.BaseHTTPResponse:
        try:
            return self._http.send("s3", "GET", uri.path, stream=stream)
        except ServiceRefusal as refusal:
            raise ObjectUnavailable("s3:GetObject", uri, refusal) from refusal


def _encryption(kms_key_id: str | None) -> dict[str, str]:
    if not kms_key_id:
        return {}
    return {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": kms_key_id,
    }


def relative_path(key: str, prefix: str) -> Path | None:
    """Where a key lands below a File channel: its prefix stripped. None for folder markers.

    Raises ValueError for a key that would land outside of the channel.
    """
    if key.endswith("/"):
        return None
    folder = prefix if prefix.endswith("/") or not prefix else prefix + "/"
    if not key.startswith(folder):  # the prefix ends in the middle of a name, or is the object
        folder = prefix.rpartition("/")[0] + "/" if "/" in prefix else ""
    relative = PurePosixPath(key.removeprefix(folder))
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"the key {key!r} leads out of its channel")
    return Path(relative)
