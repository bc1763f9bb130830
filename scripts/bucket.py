"""A bucket, reached through a library made for moving many objects (design D9)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from scripts.errors import Refused
from scripts.session import Session

if TYPE_CHECKING:  # the library has these names for type checkers only
    from obstore.store import ClientConfig, RetryConfig

_LIST_PAGE: Final = 1000
_CHUNK_BYTES: Final = 1024 * 1024

_TIMEOUTS: "Final[ClientConfig]" = {
    "connect_timeout": timedelta(seconds=5),
    # For the largest image on a slow line that many uploads share.
    "timeout": timedelta(minutes=10),
}
_RETRIES: "Final[RetryConfig]" = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}


_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_MESSAGE: Final = re.compile(r"<Message>([^<]+)</Message>")
_UNKNOWN_CALLER: Final = {
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
}


class Bucket:
    """Every failure is a Refused that says whether to sign in, ask for a permission or repeat."""

    def __init__(self, session: Session, name: str) -> None:
        session.credentials()  # refuses in our words when there are none
        self.name = name
        self._environment = session.settings.name
        self._store = _open(session, name)

    def read(self, key: str) -> bytes | None:
        """An object's bytes, or None when there is no such object."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError as error:
            if _answer(error)[0] == "NoSuchBucket":
                raise self._refused("read", key, error) from error
            return None
        except BaseError as error:
            raise self._refused("read", key, error) from error

    def put(self, key: str, content: bytes | Path, media_type: str) -> None:
        """Writes an object, whole or not at all; a Path is streamed from its file."""
        try:
            obstore.put(self._store, key, content, attributes={"Content-Type": media_type})
        except (BaseError, FileNotFoundError) as error:
            raise self._refused("write", key, error) from error

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """The last part of the key, and the size in bytes, of every object under a prefix."""
        try:
            for page in obstore.list(self._store, f"{prefix}/", chunk_size=_LIST_PAGE):
                for listed in page:
                    yield listed["path"].rpartition("/")[2], listed["size"]
        except (BaseError, FileNotFoundError) as error:
            raise self._refused("list", prefix, error) from error

    def keys(self, prefix: str) -> Iterator[str]:
        """The key of every object under a prefix."""
        try:
            for page in obstore.list(self._store, f"{prefix}/", chunk_size=_LIST_PAGE):
                for listed in page:
                    yield listed["path"]
        except (BaseError, FileNotFoundError) as error:
            raise self._refused("list", prefix, error) from error

    def lines(self, key: str, longest_bytes: int) -> Iterator[bytes]:
        """An object's lines, read as they are needed; nothing when there is no such object.

        A longer line comes cut: what is no JSON any more is for the reader to find out.
        """
        try:
            begun, room = b"", longest_bytes
            for chunk in obstore.get(self._store, key).stream(min_chunk_size=_CHUNK_BYTES):
                *ended, rest = bytes(chunk).split(b"\n")
                for end in ended:
                    yield begun + end[:room]
                    begun, room = b"", longest_bytes
                begun, room = begun + rest[:room], max(0, room - len(rest))
            if begun:
                yield begun
        except FileNotFoundError:
            return
        except BaseError as error:
            raise self._refused("read", key, error) from error

    def _refused(self, what: str, key: str, error: Exception) -> Refused:
        where = f"cannot {what} s3://{self.name}/{key} in environment {self._environment}"
        code, message = _answer(error)
        if code in _UNKNOWN_CALLER or isinstance(error, UnauthenticatedError):
            return Refused(f"{where}: the credentials are not accepted or expired; sign in again")
        if code == "AccessDenied" or isinstance(error, PermissionDeniedError):
            return Refused(f"{where}: permission denied: {message}; ask for that permission")
        if code == "NoSuchBucket":
            return Refused(
                f"{where}: the bucket does not exist; "
                f"run `darkroom bootstrap --env {self._environment}`"
            )
        return Refused(f"{where}: {message}; repeat the same command to go on")


def _answer(error: Exception) -> tuple[str, str]:
    """The service's error code and message; the library has both only in the text of its error."""
    text = " ".join(str(error).split())
    code, message = _CODE.search(text), _MESSAGE.search(text)
    if code is None:
        return "", text[:300]
    return code[1], message[1] if message else code[1]


def _open(session: Session, bucket: str) -> S3Store:
    # Renewed often: the credentials of a role can expire in the middle of a long upload.
    credentials = Boto3CredentialProvider(session.boto3, ttl=timedelta(minutes=5))
    url = session.endpoint_url
    if url is None:
        return S3Store(
            bucket,
            region=session.region,
            credential_provider=credentials,
            client_options=_TIMEOUTS,
            retry_config=_RETRIES,
        )
    return S3Store(
        bucket,
        # The most specific of the library's settings: an AWS_ENDPOINT_URL_S3 in the environment
        # would otherwise send the images past the account that was checked (design D12).
        aws_endpoint_url_s3=url,
        region=session.region,
        credential_provider=credentials,
        client_options={**_TIMEOUTS, "allow_http": url.startswith("http://")},
        retry_config=_RETRIES,
    )
