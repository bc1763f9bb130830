"""What a template says of a bucket is what S3 answers (local/adapter/bucket_*.py)."""

import json
import re
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.adapter.stacks import Stack
from tests.local.running_cloud import RunningCloud

PROPERTIES = {
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                "BucketKeyEnabled": "true",
            }
        ]
    },
    "LifecycleConfiguration": {
        "Rules": [
            {
                "Id": "old",
                "Status": "Enabled",
                "NoncurrentVersionExpiration": {"NoncurrentDays": "30"},
            },
            {
                "Id": "parts",
                "Status": "Enabled",
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            },
            {
                "Id": "cold",
                "Status": "Enabled",
                "Prefix": "logs/",
                "ExpirationInDays": 90,
                "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
            },
        ]
    },
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "VersioningConfiguration": {"Status": "Enabled"},
    "Tags": [{"Key": "purpose", "Value": "photos"}],
}


def template(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "Resources": {
            "Logs": {"Type": "AWS::S3::Bucket"},
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "Properties": {
                    **properties,
                    "LoggingConfiguration": {
                        "DestinationBucketName": {"Ref": "Logs"},
                        "LogFilePrefix": "data/",
                    },
                },
            },
        },
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Bucket", "Logs")},
    }


@pytest.fixture
def stack(cloud: RunningCloud) -> Stack:
    return Stack(cloud, f"buckets-{uuid.uuid4().hex[:8]}")


def test_a_bucket_keeps_every_property_of_its_template(cloud: RunningCloud, stack: Stack) -> None:
    outputs = stack.create(template(PROPERTIES), tags={"team": "vision"})
    s3, name = cloud.client("s3"), {"Bucket": outputs["Bucket"]}
    rule = s3.get_bucket_encryption(**name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["BucketKeyEnabled"] is True
    rules = s3.get_bucket_lifecycle_configuration(**name)["Rules"]
    assert {each["ID"] for each in rules} == {"old", "parts", "cold"}
    by_id = {each["ID"]: each for each in rules}
    assert by_id["old"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert by_id["parts"]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
    assert by_id["cold"]["Filter"]["Prefix"] == "logs/"
    assert by_id["cold"]["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]
    ownership = s3.get_bucket_ownership_controls(**name)["OwnershipControls"]
    assert ownership["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    logging = s3.get_bucket_logging(**name)["LoggingEnabled"]
    assert (logging["TargetBucket"], logging["TargetPrefix"]) == (outputs["Logs"], "data/")
    assert s3.get_bucket_versioning(**name)["Status"] == "Enabled"
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(**name)["TagSet"]}
    assert tags["purpose"] == "photos"
    assert tags["team"] == "vision"
    assert tags["aws:cloudformation:logical-id"] == "Bucket"


def test_an_update_changes_and_drops_properties_in_place(cloud: RunningCloud, stack: Stack) -> None:
    before = stack.create(template(PROPERTIES))
    lighter = {"Tags": [{"Key": "purpose", "Value": "models"}]}
    after = stack.update(template(lighter))
    assert after["Bucket"] == before["Bucket"]
    s3, name = cloud.client("s3"), {"Bucket": after["Bucket"]}
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(**name)["TagSet"]}
    assert tags["purpose"] == "models"
    assert s3.get_bucket_versioning(**name)["Status"] == "Suspended"
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(**name)


def test_a_bucket_that_holds_objects_is_not_deleted(cloud: RunningCloud, stack: Stack) -> None:
    outputs = stack.create({**template({}), "Description": "with data"})
    cloud.client("s3").put_object(Bucket=outputs["Bucket"], Key="photo", Body=b"x")
    assert stack.delete() == "DELETE_FAILED"
    assert "not empty" in stack.reason("Bucket", "DELETE_FAILED")
    assert (
        cloud.client("s3").get_object(Bucket=outputs["Bucket"], Key="photo")["Body"].read() == b"x"
    )
    cloud.client("s3").delete_object(Bucket=outputs["Bucket"], Key="photo")
    assert stack.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        ({"LifecycleConfiguration": {"Rules": [{"Id": "old"}]}}, "lacks Status"),
        ({"LifecycleConfiguration": {"Rules": "all"}}, "LifecycleConfiguration .* is malformed"),
    ],
)
def test_a_bucket_whose_configuration_is_refused_is_not_left_behind(
    cloud: RunningCloud, stack: Stack, configuration: dict[str, Any], reason: str
) -> None:
    document = template(configuration)
    document["Resources"]["Bucket"]["Properties"]["BucketName"] = stack.name
    assert stack.try_create(document) == "ROLLBACK_COMPLETE"
    assert re.search(reason, stack.reason("Bucket", "CREATE_FAILED"))
    with pytest.raises(ClientError, match="404"):
        cloud.client("s3").head_bucket(Bucket=stack.name)


def test_a_tls_only_policy_of_a_template_lets_loopback_in(enforced: RunningCloud) -> None:
    stack = Stack(enforced, f"tls-{uuid.uuid4().hex[:8]}")
    policy = {
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]},
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
    }
    document = template({})
    document["Resources"]["Policy"] = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy},
    }
    outputs = stack.create(document)
    s3 = enforced.client("s3")
    user = enforced.client("iam")
    user.create_user(UserName=stack.name)
    user.put_user_policy(
        UserName=stack.name,
        PolicyName="p",
        PolicyDocument=json.dumps(
            {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
        ),
    )
    keys = user.create_access_key(UserName=stack.name)["AccessKey"]
    mine = enforced.client("s3", keys)
    mine.put_object(Bucket=outputs["Bucket"], Key="k", Body=b"v")
    assert "SecureTransport" in s3.get_bucket_policy(Bucket=outputs["Bucket"])["Policy"]


def test_a_bucket_under_the_managed_key_takes_writes_that_name_no_key(
    cloud: RunningCloud, stack: Stack
) -> None:
    default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    managed = {"BucketEncryption": {"ServerSideEncryptionConfiguration": [default]}}
    bucket = stack.create(template(managed))["Bucket"]
    s3 = cloud.client("s3")
    for extra in ({}, {"ServerSideEncryption": "aws:kms"}):
        s3.put_object(Bucket=bucket, Key="asset", Body=b"x", **extra)
        assert s3.head_object(Bucket=bucket, Key="asset")["ServerSideEncryption"] == "aws:kms"
