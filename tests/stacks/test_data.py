"""Every bucket is private, encrypted, logged and kept."""

import pytest

from config import outputs
from config.capture import CaptureSettings
from config.environments import DEV, PROD
from tests.stacks.assembly import Assembly, Resource

ACCESS_LOGS, ARTIFACTS, CAPTURE, DATASETS = BUCKETS = (
    "AccessLogsBucketCD784A59",
    "ArtifactsBucket88671897",
    "CaptureBucket89727A45",
    "DatasetsBucket9EEDBE5A",
)


@pytest.fixture(params=BUCKETS)
def bucket(request: pytest.FixtureRequest, assembly: Assembly) -> Resource:
    (found,) = (
        resource
        for resource in assembly.resources("AWS::S3::Bucket")
        if (resource.stack, resource.logical_id) == ("prod/Data", request.param)
    )
    return found


def test_these_are_all_the_buckets(assembly: Assembly) -> None:
    assert {r.logical_id for r in assembly.resources("AWS::S3::Bucket")} == set(BUCKETS)


def test_a_bucket_is_closed_to_the_public_and_has_one_owner(bucket: Resource) -> None:
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket.properties["OwnershipControls"]["Rules"]
    assert rule["ObjectOwnership"] == "BucketOwnerEnforced"


def test_a_bucket_encrypts_what_it_holds(bucket: Resource) -> None:
    (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_a_bucket_answers_over_tls_only(bucket: Resource, assembly: Assembly) -> None:
    (policy,) = (
        resource
        for resource in assembly.resources("AWS::S3::BucketPolicy")
        if resource.stack == bucket.stack
        and resource.properties["Bucket"] == {"Ref": bucket.logical_id}
    )
    statement = policy.properties["PolicyDocument"]["Statement"][0]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Principal"] == {"AWS": "*"}
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2  # the bucket and its objects


def test_a_bucket_and_its_policy_outlive_their_stack(assembly: Assembly) -> None:
    for resource in assembly.resources("AWS::S3::Bucket", "AWS::S3::BucketPolicy"):
        assert resource.body["DeletionPolicy"] == "Retain", str(resource)
        assert resource.body["UpdateReplacePolicy"] == "Retain", str(resource)


def test_parts_of_an_abandoned_upload_do_not_stay(bucket: Resource) -> None:
    (rule,) = bucket.properties["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


@pytest.mark.parametrize("bucket", [ARTIFACTS, DATASETS], indirect=True)
def test_what_was_overwritten_or_deleted_can_be_had_back(bucket: Resource) -> None:
    assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket.properties["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert "ExpirationInDays" not in rule


@pytest.mark.parametrize(
    ("environment", "days"),
    [
        ("prod", PROD.capture.retention_days if PROD.capture else None),
        ("dev", DEV.capture.retention_days if DEV.capture else None),
        # Switched off, and what was captured before is deleted all the same.
        ("plain", CaptureSettings().retention_days),
    ],
)
def test_captured_photos_are_gone_when_their_time_is_over(
    environment: str, days: int, everything: Assembly
) -> None:
    bucket = everything.only(f"{environment}/Data", "AWS::S3::Bucket", "Capture")
    assert "VersioningConfiguration" not in bucket.properties
    (rule,) = bucket.properties["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == days


@pytest.mark.parametrize("bucket", BUCKETS[1:], indirect=True)
def test_accesses_are_logged_to_the_bucket_for_it(bucket: Resource) -> None:
    logging = bucket.properties["LoggingConfiguration"]
    assert logging["DestinationBucketName"] == {"Ref": BUCKETS[0]}


def test_the_outputs_carry_the_bucket_names(assembly: Assembly) -> None:
    assert assembly.outputs("dev/Data") == {
        outputs.ACCESS_LOGS_BUCKET: {"Ref": ACCESS_LOGS},
        outputs.ARTIFACTS_BUCKET: {"Ref": ARTIFACTS},
        outputs.CAPTURE_BUCKET: {"Ref": CAPTURE},
        outputs.DATASETS_BUCKET: {"Ref": DATASETS},
    }
