"""Ranged reads of stored objects (local/adapter/ranged_reads.py)."""

import uuid

import pytest
from botocore.exceptions import ClientError

from tests.local.running_cloud import RunningCloud

BODY = bytes(range(256)) * 4096


@pytest.fixture
def bucket(cloud: RunningCloud) -> str:
    name = f"ranges-{uuid.uuid4().hex[:8]}"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="photo", Body=BODY)
    return name


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", BODY[:1]),
        ("bytes=1000-70000", BODY[1000:70001]),
        ("bytes=1048000-", BODY[1048000:]),
        ("bytes=-5", BODY[-5:]),
        ("bytes=1048000-99999999", BODY[1048000:]),
    ],
)
def test_a_range_is_exactly_the_bytes_asked_for(
    cloud: RunningCloud, bucket: str, asked: str, expected: bytes
) -> None:
    answer = cloud.client("s3").get_object(Bucket=bucket, Key="photo", Range=asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["Body"].read() == expected


def test_a_range_past_the_end_is_refused(cloud: RunningCloud, bucket: str) -> None:
    with pytest.raises(ClientError, match=r"416|InvalidRange"):
        cloud.client("s3").get_object(Bucket=bucket, Key="photo", Range="bytes=2000000-")


def test_a_range_of_an_empty_object_is_refused_and_a_whole_read_is_empty(
    cloud: RunningCloud, bucket: str
) -> None:
    s3 = cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    assert s3.get_object(Bucket=bucket, Key="empty")["Body"].read() == b""
    with pytest.raises(ClientError, match=r"416|InvalidRange"):
        s3.get_object(Bucket=bucket, Key="empty", Range="bytes=0-1")


def test_a_ranged_read_by_version_id_still_answers(cloud: RunningCloud, bucket: str) -> None:
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="photo", Body=BODY)["VersionId"]
    answer = s3.get_object(Bucket=bucket, Key="photo", VersionId=version, Range="bytes=0-9")
    assert answer["Body"].read().startswith(BODY[:10])
