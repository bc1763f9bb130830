"""KMS keys that S3 uses for a caller (local/adapter/object_keys.py, facts F.2)."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.adapter.accounts import DEV, PROD, Account, account, session_of
from tests.local.running_cloud import REGION, RunningCloud, allow

VIA_S3: dict[str, Any] = {
    "Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
}


def key_of(owner: Account, *statements: dict[str, Any]) -> str:
    """The ARN of a key whose policy leaves its own account to IAM, as the CDK makes it."""
    principal: dict[str, Any] = {"Principal": {"AWS": f"arn:aws:iam::{owner.account}:root"}}
    document = {"Statement": [allow("kms:*", **principal), *statements]}
    created = owner.client("kms").create_key(Policy=json.dumps(document))
    arn: str = created["KeyMetadata"]["Arn"]
    return arn


def bucket_under(owner: Account, key: str | None) -> str:
    """A bucket whose objects are written under the key, or under the account's managed one."""
    name = f"keys-{uuid.uuid4().hex[:8]}"
    s3 = owner.client("s3")
    s3.create_bucket(Bucket=name)
    default = {"SSEAlgorithm": "aws:kms", **({} if key is None else {"KMSMasterKeyID": key})}
    rule = {"ApplyServerSideEncryptionByDefault": default}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return name


def on_bucket(name: str) -> dict[str, Any]:
    return allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{name}/*")


def opened_to_prod(owner: Account, bucket: str) -> None:
    reader: dict[str, Any] = {"Principal": {"AWS": f"arn:aws:iam::{PROD}:root"}}
    statement = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", **reader)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    owner.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


def test_reading_and_writing_take_the_rights_to_the_bucket_s_key(enforced: RunningCloud) -> None:
    dev = account(enforced, DEV)
    key = key_of(dev)
    bucket = bucket_under(dev, key)
    place = {"Bucket": bucket, "Key": "models/x"}
    writer = session_of(dev, on_bucket(bucket), allow("kms:GenerateDataKey", key, **VIA_S3))
    reader = session_of(dev, on_bucket(bucket), allow("kms:Decrypt", key, **VIA_S3))
    with pytest.raises(ClientError, match=f"kms:GenerateDataKey on resource: {key}"):
        reader.client("s3").put_object(**place, Body=b"x")
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        reader.client("s3").create_multipart_upload(**place)
    writer.client("s3").put_object(**place, Body=b"x")
    with pytest.raises(ClientError, match=f"kms:Decrypt on resource: {key}"):
        writer.client("s3").get_object(**place)
    with pytest.raises(ClientError, match="kms:Decrypt"):  # its parts are read when it is complete
        writer.client("s3").create_multipart_upload(**place)
    assert reader.client("s3").get_object(**place)["Body"].read() == b"x"
    writer.client("s3").head_object(**place)
    with pytest.raises(ClientError, match="403"):
        writer.client("s3").head_object(**place, ChecksumMode="ENABLED")


def test_an_upload_in_parts_takes_both_rights_once(enforced: RunningCloud) -> None:
    dev = account(enforced, DEV)
    key = key_of(dev)
    place = {"Bucket": bucket_under(dev, key), "Key": "models/x"}
    both = allow(["kms:GenerateDataKey", "kms:Decrypt"], key, **VIA_S3)
    s3 = session_of(dev, on_bucket(place["Bucket"]), both).client("s3")
    upload = s3.create_multipart_upload(**place)["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(**place)["Body"].read() == b"x"


def test_a_copy_between_accounts_takes_the_consent_of_both_keys(enforced: RunningCloud) -> None:
    dev, prod = account(enforced, DEV), account(enforced, PROD)
    prods = {"Principal": {"AWS": f"arn:aws:iam::{PROD}:root"}, **VIA_S3}
    source_key, closed_key = key_of(dev, allow("kms:Decrypt", **prods)), key_of(dev)
    target_key = key_of(prod)
    source, closed = bucket_under(dev, source_key), bucket_under(dev, closed_key)
    target = bucket_under(prod, target_key)
    for bucket in (source, closed):
        opened_to_prod(dev, bucket)
        dev.client("s3").put_object(Bucket=bucket, Key="x", Body=b"model")
    buckets = [on_bucket(each) for each in (source, closed, target)]
    writing = allow("kms:GenerateDataKey", target_key, **VIA_S3)
    reading = allow("kms:Decrypt", f"arn:aws:kms:{REGION}:{DEV}:key/*", **VIA_S3)

    def copies(bucket: str, *statements: dict[str, Any]) -> None:
        s3 = session_of(prod, *buckets, *statements).client("s3")
        s3.copy_object(CopySource={"Bucket": bucket, "Key": "x"}, Bucket=target, Key="x")

    for statements, missing in (((writing,), "Decrypt"), ((reading,), "GenerateDataKey")):
        with pytest.raises(ClientError, match=f"kms:{missing}"):
            copies(source, *statements)
    with pytest.raises(ClientError, match=f"kms:Decrypt on resource: {closed_key}"):
        copies(closed, reading, writing)
    copies(source, reading, writing)
    stored = prod.client("s3").get_object(Bucket=target, Key="x")
    assert (stored["Body"].read(), stored["SSEKMSKeyId"]) == (b"model", target_key)


def test_the_managed_key_serves_its_own_account_only(enforced: RunningCloud) -> None:
    dev, prod = account(enforced, DEV), account(enforced, PROD)
    bucket = f"managed-{uuid.uuid4().hex[:8]}"
    dev.client("s3").create_bucket(Bucket=bucket)
    opened_to_prod(dev, bucket)
    place = {"Bucket": bucket, "Key": "x"}
    dev.client("s3").put_object(**place, Body=b"x", ServerSideEncryption="aws:kms")
    granted = (on_bucket(bucket), allow("kms:*"))
    assert session_of(dev, *granted).client("s3").get_object(**place)["Body"].read() == b"x"
    with pytest.raises(ClientError, match="serves its own account only"):
        session_of(prod, *granted).client("s3").get_object(**place)


def test_a_version_is_read_under_the_key_it_was_written_under(enforced: RunningCloud) -> None:
    dev = account(enforced, DEV)
    key = key_of(dev)
    place = {"Bucket": bucket_under(dev, key), "Key": "x"}
    root = dev.client("s3")
    root.put_bucket_versioning(
        Bucket=place["Bucket"], VersioningConfiguration={"Status": "Enabled"}
    )
    version = root.put_object(**place, Body=b"old")["VersionId"]
    root.put_object(**place, Body=b"new", ServerSideEncryption="AES256")
    s3 = session_of(dev, on_bucket(place["Bucket"]), allow("s3:GetObjectVersion")).client("s3")
    assert s3.get_object(**place)["Body"].read() == b"new"
    with pytest.raises(ClientError, match="kms:Decrypt"):
        s3.get_object(**place, VersionId=version)
