"""A copy reads its source from the account that owns it.

Stock: checks whether the caller may read the source object in another account's bucket, and then
looks the bucket up among the caller's own: CopyObject and UploadPartCopy end with NoSuchBucket.
Needed: bucket names are global, so a source is read wherever it is once the owner's policy allows
it. A source named by its version id still ends with NoSuchVersion, as stock.
Touches: `s3._copy_object`, `s3._upload_part_copy`, `s3._ensure_bucket`, `s3._read_body`,
`s3._bucket_owner_account`, `s3._in_account`, `s3._buckets`.
"""

import contextvars
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

_foreign: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar(
    "foreign", default=None
)
"""The source bucket of the copy that is being made, and the other account that owns it."""

Answer = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Let the two copies of S3 find the bucket and the bytes of their source."""
    from ministack.services import s3

    s3._copy_object = _with_source(s3._copy_object)
    s3._upload_part_copy = _with_source(s3._upload_part_copy)
    stock_bucket, stock_body = s3._ensure_bucket, s3._read_body

    def ensure_bucket(name: str) -> Any:
        source = _foreign.get()
        if source is not None and source[0] == name:
            return s3._buckets.get_scoped(source[1], None, name)
        return stock_bucket(name)

    def read_body(bucket: str, key: str, record: dict[str, Any]) -> Any:
        source = _foreign.get()
        if source is not None and source[0] == bucket:
            with s3._in_account(source[1]):  # its files lie in a folder of the account's
                return stock_body(bucket, key, record)
        return stock_body(bucket, key, record)

    s3._ensure_bucket, s3._read_body = ensure_bucket, read_body


def _with_source(stock: Callable[..., Answer]) -> Callable[..., Answer]:
    """A copy that knows whose its source is. The front has checked that the caller may read it."""

    def copy(*request: Any) -> Answer:
        token = _foreign.set(_foreign_source(request[-1]))  # the headers come last
        try:
            return stock(*request)
        finally:
            _foreign.reset(token)

    return copy


def _foreign_source(headers: Mapping[str, str]) -> tuple[str, str] | None:
    from ministack.core.responses import get_account_id
    from ministack.services import s3

    path = headers.get("x-amz-copy-source", "").partition("?")[0]
    bucket = unquote(path).lstrip("/").partition("/")[0]
    owner = s3._bucket_owner_account(bucket)
    return None if owner in (None, get_account_id()) else (bucket, owner)
