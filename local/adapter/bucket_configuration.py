"""CloudFormation's spelling of bucket configurations, as the XML bodies of the S3 API.

Pure: the XML comes from botocore's own serializer, so element names and order are S3's.
"""

from functools import cache
from typing import Any

import botocore.loaders
import botocore.model
import botocore.serialize

Configuration = dict[str, Any]


def encryption(configuration: Configuration) -> bytes:
    """`BucketEncryption` as the body of PutBucketEncryption."""
    rules = [
        _present(
            ApplyServerSideEncryptionByDefault=rule.get("ServerSideEncryptionByDefault"),
            BucketKeyEnabled=_boolean(rule.get("BucketKeyEnabled")),
        )
        for rule in configuration["ServerSideEncryptionConfiguration"]
    ]
    return _body("PutBucketEncryption", ServerSideEncryptionConfiguration={"Rules": rules})


def ownership(configuration: Configuration) -> bytes:
    """`OwnershipControls` as the body of PutBucketOwnershipControls."""
    return _body("PutBucketOwnershipControls", OwnershipControls=configuration)


def versioning(configuration: Configuration) -> bytes:
    """`VersioningConfiguration` as the body of PutBucketVersioning."""
    return _body("PutBucketVersioning", VersioningConfiguration=configuration)


def logging(configuration: Configuration) -> bytes:
    """`LoggingConfiguration` as the body of PutBucketLogging."""
    enabled = _present(
        TargetBucket=configuration.get("DestinationBucketName"),
        TargetPrefix=configuration.get("LogFilePrefix", ""),
        TargetObjectKeyFormat=configuration.get("TargetObjectKeyFormat"),
    )
    return _body("PutBucketLogging", BucketLoggingStatus={"LoggingEnabled": enabled})


def lifecycle(configuration: Configuration) -> bytes:
    """`LifecycleConfiguration` as the body of PutBucketLifecycleConfiguration."""
    rules = [_lifecycle_rule(rule) for rule in configuration["Rules"]]
    return _body("PutBucketLifecycleConfiguration", LifecycleConfiguration={"Rules": rules})


def _lifecycle_rule(rule: Configuration) -> Configuration:
    expiration = _present(
        Days=_integer(rule.get("ExpirationInDays")),
        Date=rule.get("ExpirationDate"),
        ExpiredObjectDeleteMarker=_boolean(rule.get("ExpiredObjectDeleteMarker")),
    )
    transitions = [*(rule.get("Transitions") or []), *filter(None, [rule.get("Transition")])]
    noncurrent = rule.get("NoncurrentVersionTransitions") or []
    return _present(
        ID=rule.get("Id"),
        Status=rule["Status"],
        Filter=_lifecycle_filter(rule),
        Expiration=expiration or None,
        Transitions=[_transition(entry) for entry in transitions] or None,
        NoncurrentVersionExpiration=_noncurrent_expiration(rule),
        NoncurrentVersionTransitions=[_noncurrent_transition(entry) for entry in noncurrent]
        or None,
        AbortIncompleteMultipartUpload=_abort(rule.get("AbortIncompleteMultipartUpload")),
    )


def _lifecycle_filter(rule: Configuration) -> Configuration:
    conditions = _present(
        Prefix=rule.get("Prefix"),
        ObjectSizeGreaterThan=_integer(rule.get("ObjectSizeGreaterThan")),
        ObjectSizeLessThan=_integer(rule.get("ObjectSizeLessThan")),
    )
    tags = rule.get("TagFilters") or []
    if len(conditions) + len(tags) > 1:
        return {"And": {**conditions, **({"Tags": tags} if tags else {})}}
    if tags:
        return {"Tag": tags[0]}
    return conditions or {"Prefix": ""}


def _transition(entry: Configuration) -> Configuration:
    return _present(
        Days=_integer(entry.get("TransitionInDays")),
        Date=entry.get("TransitionDate"),
        StorageClass=entry["StorageClass"],
    )


def _noncurrent_transition(entry: Configuration) -> Configuration:
    return _present(
        NoncurrentDays=_integer(entry.get("TransitionInDays")),
        NewerNoncurrentVersions=_integer(entry.get("NewerNoncurrentVersions")),
        StorageClass=entry["StorageClass"],
    )


def _noncurrent_expiration(rule: Configuration) -> Configuration | None:
    current = rule.get("NoncurrentVersionExpiration") or {}
    days = current.get("NoncurrentDays", rule.get("NoncurrentVersionExpirationInDays"))
    if days is None:
        return None
    return _present(
        NoncurrentDays=_integer(days),
        NewerNoncurrentVersions=_integer(current.get("NewerNoncurrentVersions")),
    )


def _abort(entry: Configuration | None) -> Configuration | None:
    return entry and {"DaysAfterInitiation": _integer(entry["DaysAfterInitiation"])}


def _present(**members: Any) -> Configuration:
    return {name: value for name, value in members.items() if value is not None}


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)


def _boolean(value: Any) -> bool | None:
    return None if value is None else str(value).lower() == "true"


def _body(operation: str, **members: Any) -> bytes:
    serializer = botocore.serialize.create_serializer("rest-xml", include_validation=False)
    request = serializer.serialize_to_request(
        {"Bucket": "bucket", **members}, _s3_model().operation_model(operation)
    )
    body: bytes = request["body"]
    return body


@cache
def _s3_model() -> botocore.model.ServiceModel:
    description = botocore.loaders.Loader().load_service_model("s3", "service-2")
    return botocore.model.ServiceModel(description, "s3")
