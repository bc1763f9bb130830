"""Deleting an AWS::S3::Bucket deletes it, and only when it is empty.

Stock: the CloudFormation handler forgets the bucket's record whatever it holds and leaves its
files, so data is lost without a word and the bucket is back after a restart with S3_PERSIST=1.
Needed: S3's own DeleteBucket, whose BucketNotEmpty ends in DELETE_FAILED as on AWS.
Touches: `provisioners._RESOURCE_HANDLERS`, `s3._delete_bucket`.
"""

from typing import Any


def install() -> None:
    """Delete buckets of stacks through the S3 API."""
    from ministack.services import s3
    from ministack.services.cloudformation import provisioners

    def delete(bucket: str, _properties: dict[str, Any]) -> None:
        status, _, _ = s3._delete_bucket(bucket)
        if status == 409:
            raise ValueError(
                f"The bucket you tried to delete is not empty (bucket {bucket}; empty it, all "
                "versions included, or set its DeletionPolicy to Retain)"
            )
        if status >= 400 and status != 404:  # already gone counts as deleted
            raise ValueError(f"bucket {bucket} could not be deleted: S3 answered {status}")

    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["delete"] = delete
