"""AWS::S3::Bucket keeps the properties that stock drops without a word.

Stock: handles versioning, notifications, CORS, public access block and website; Tags (stack-level
ones too), BucketEncryption, LifecycleConfiguration, OwnershipControls and LoggingConfiguration
vanish, so `auto_delete_objects` fails and S3's Get* operations contradict the template.
Needed: what the template says is what S3 answers. Touches: `provisioners._RESOURCE_HANDLERS`,
`._STACK_TAG_PROPERTY`, `s3._buckets`, `s3._bucket_tags`, `s3._delete_bucket`,
`s3._put_bucket_*` and `s3._delete_bucket_*`.
"""

from collections.abc import Callable
from typing import Any

from local.adapter.bucket_configuration import encryption, lifecycle, logging, ownership, versioning

Properties = dict[str, Any]
Handler = Callable[..., tuple[str, dict[str, Any]]]


def install() -> None:
    """Wrap the bucket's create and update so that they apply these properties too."""
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    handlers["create"] = _created(handlers["create"])
    handlers["update"] = _updated(handlers["update"])
    provisioners._STACK_TAG_PROPERTY["AWS::S3::Bucket"] = ("Tags", "list")


def _created(stock: Handler) -> Handler:
    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, dict[str, Any]]:
        from ministack.services import s3

        known = set(s3._buckets)
        bucket, attributes = stock(logical_id, properties, stack)
        try:
            apply(bucket, {}, properties)
        except ValueError:
            if bucket not in known:  # a rollback deletes only what was created
                s3._delete_bucket(bucket)
            raise
        return bucket, attributes

    return create


def _updated(stock: Handler) -> Handler:
    def update(
        bucket: str, old: Properties, new: Properties, stack: str
    ) -> tuple[str, dict[str, Any]]:
        name, attributes = stock(bucket, old, new, stack)
        apply(name, old, new)
        return name, attributes

    return update


def apply(bucket: str, old: Properties, new: Properties) -> None:
    """Put each property through the S3 API and delete what an update dropped.

    Raises ValueError, which fails the resource, when S3 refuses one.
    """
    from ministack.services import s3

    _tag(s3._bucket_tags, bucket, new)
    configurations: tuple[tuple[str, Callable[[Any], bytes], Any, Any], ...] = (
        ("BucketEncryption", encryption, s3._put_bucket_encryption, s3._delete_bucket_encryption),
        (
            "LifecycleConfiguration",
            lifecycle,
            s3._put_bucket_lifecycle,
            s3._delete_bucket_lifecycle,
        ),
        (
            "OwnershipControls",
            ownership,
            s3._put_bucket_ownership_controls,
            s3._delete_bucket_ownership_controls,
        ),
        ("LoggingConfiguration", logging, s3._put_bucket_logging, _stop_logging),
        ("VersioningConfiguration", versioning, s3._put_bucket_versioning, _suspend_versioning),
    )
    for name, to_xml, put, delete in configurations:
        if name in new:
            status, _, body = put(bucket, _body(bucket, name, to_xml, new[name]))
            if status >= 300:
                raise ValueError(f"{name} of bucket {bucket} was refused: {_text(body)}")
        elif name in old:
            delete(bucket)


def _body(bucket: str, name: str, to_xml: Callable[[Any], bytes], value: Any) -> bytes:
    try:
        return to_xml(value)
    except KeyError as error:
        raise ValueError(f"{name} of bucket {bucket} lacks {error.args[0]}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"{name} of bucket {bucket} is malformed: {error}") from error


def _tag(store: Any, bucket: str, properties: Properties) -> None:
    tags = {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags") or []}
    if tags:
        store[bucket] = tags
    else:
        store.pop(bucket, None)


def _stop_logging(bucket: str) -> None:
    from ministack.services import s3

    s3._bucket_logging_config.pop(bucket, None)


def _suspend_versioning(bucket: str) -> None:
    from ministack.services import s3

    # A bucket that was ever versioned can only be suspended, never made unversioned.
    s3._put_bucket_versioning(bucket, versioning({"Status": "Suspended"}))


def _text(body: bytes | str) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else body
