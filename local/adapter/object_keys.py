"""S3 uses a KMS key only for a caller who may use it.

Stock: remembers which key an object was written under, and checks nobody's permissions on it.
Needed: with AUTH=true, kms:GenerateDataKey to write under a key and kms:Decrypt to read, by the
caller's policies and by the key's own, across accounts by both; with kms:ViaService. The account's
managed key `aws/s3` serves its own account only (facts F.2). Nothing is encrypted all the same, and
an account's root passes the policy of every key. Touches: `s3._apply_bucket_scope`, `s3._buckets`,
`s3._object_versions`, `s3._bucket_owner_account`, `s3._resolve_sse_write_headers`,
`s3._request_access_key`, `s3._in_account`, `s3._error`, `kms.key_policy_for_arn`,
`iam_evaluator.enforce`, `app.AUTH`.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_SOURCE = "x-amz-copy-source"
_DECRYPT, _GENERATE = "kms:Decrypt", "kms:GenerateDataKey"
# Reads of what stands beside an object; its bytes stay encrypted.
_BESIDE = frozenset({"acl", "tagging", "retention", "legal-hold", "attributes", "annotation"})

Headers = Mapping[str, str]
Query = Mapping[str, list[str]]
Need = tuple[str, str]
"""An action and the ARN of the key that it takes."""


def install() -> None:
    """Check the keys where S3 has just checked the bucket."""
    from ministack import app
    from ministack.core.responses import get_account_id
    from ministack.services import s3

    stock = s3._apply_bucket_scope

    def apply(
        method: str,
        bucket: str,
        key: str,
        headers: dict[str, str],
        query: dict[str, list[str]],
        body: bytes = b"",
        internal: bool = False,
    ) -> Any:
        caller = get_account_id()
        denied = stock(method, bucket, key, headers, query, body, internal)
        if denied is not None or internal or not key or not app.AUTH:
            return denied
        access_key_id = s3._request_access_key(method, key, headers, query, body)
        for action, arn in _needs(method, bucket, key, headers, query):
            reason = _refusal(access_key_id, caller, action, arn)
            if reason is not None:
                return s3._error("AccessDenied", reason, 403, f"/{bucket}/{key}")
        return None

    s3._apply_bucket_scope = apply


def _needs(method: str, bucket: str, key: str, headers: Headers, query: Query) -> Iterator[Need]:
    """What the request needs of which keys; it has passed the bucket's own checks."""
    # A checksum is kept encrypted as well; the rest of an object's metadata is not.
    reads = method == "GET" or (method == "HEAD" and "x-amz-checksum-mode" in headers)
    if reads and not _BESIDE & query.keys() and "uploadId" not in query:
        yield from _reading(bucket, key, query)
    starts = method == "POST" and "uploads" in query
    puts = method == "PUT" and not _BESIDE & query.keys() and "uploadId" not in query
    if starts or puts:
        yield from _writing(bucket, headers, (_GENERATE, _DECRYPT) if starts else (_GENERATE,))
    if method == "PUT" and _SOURCE in headers:
        path, _, version = headers[_SOURCE].partition("?")
        source, _, source_key = unquote(path).lstrip("/").partition("/")
        yield from _reading(source, source_key, parse_qs(version))


def _reading(bucket: str, key: str, query: Query) -> Iterator[Need]:
    """S3 has the object's data key decrypted by the key that it was written under."""
    arn = _stored(bucket, key, query).get("preserved_headers", {}).get(_KEY)
    if arn is not None:
        yield _DECRYPT, arn


def _writing(bucket: str, headers: Headers, actions: tuple[str, ...]) -> Iterator[Need]:
    """By the request, or else by the bucket's default. An upload in parts reads its parts again."""
    from ministack.services import s3

    encryption, refused = s3._resolve_sse_write_headers(headers, bucket)
    arn = None if refused else encryption.get(_KEY)
    if arn is not None:
        yield from ((action, arn) for action in actions)


def _stored(bucket: str, key: str, query: Query) -> Mapping[str, Any]:
    """The record of an object or of one version of it; empty where there is none."""
    from ministack.services import s3

    owner = s3._bucket_owner_account(bucket)
    versions: list[dict[str, Any]]
    if "versionId" in query:
        versions = s3._object_versions.get_scoped(owner, None, (bucket, key)) or []
        (wanted,) = query["versionId"][:1]
        return next((each for each in versions if each["version_id"] == wanted), {})
    found = s3._buckets.get_scoped(owner, None, bucket) or {"objects": {}}
    record: Mapping[str, Any] = found["objects"].get(key) or {}
    return record


def _refusal(access_key_id: str, caller: str, action: str, arn: str) -> str | None:
    """Why the caller may not use the key; None when it may."""
    from ministack.core import iam_evaluator
    from ministack.services import kms, s3

    parts = arn.split(":", 5)
    if len(parts) != 6:
        return f"KMS key {arn} is named by no ARN"
    region, owner = parts[3], parts[4]
    if parts[5] == "alias/aws/s3":
        return None if owner == caller else f"the managed key {arn} serves its own account only"
    via = {"kms:ViaService": f"s3.{region}.amazonaws.com"}
    with s3._in_account(owner):  # where the key and its policy are looked up
        if kms.key_policy_for_arn(arn) is None:
            return f"KMS key {arn} does not exist"
        denied = iam_evaluator.enforce(access_key_id, action, "kms", region, arn, via)
    if denied is None:
        return None
    if isinstance(denied, iam_evaluator.AuthError):
        return str(denied.message)
    return (
        f"User: {denied.principal_arn} is not authorized to perform: {action} on resource: {arn}: "
        "the caller's policies and the key's have to allow it"
    )
