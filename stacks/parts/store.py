"""A private bucket, and who may do what below which prefix of it."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

_ABANDONED_UPLOAD_DAYS = 7


class Store(Construct):
    """A bucket that only its account reaches, only by TLS, and that outlives its stack."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        access_logs: s3.IBucket | None,
        recoverable_days: int | None = None,
        expire_after_days: int | None = None,
    ) -> None:
        """`recoverable_days`: how long an overwritten or deleted object can be had back; None is
        for a bucket whose objects nobody overwrites or deletes. `access_logs` is where the
        bucket's accesses are logged; only the bucket of the logs itself has none.
        """
        super().__init__(scope, id_)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN,
            versioned=recoverable_days is not None,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=None if access_logs is None else f"{id_.lower()}/",
            lifecycle_rules=[_lifecycle(recoverable_days, expire_after_days)],
        )
        # The bucket outlives the stack, so what protects it must too.
        if self.bucket.policy is not None:
            self.bucket.policy.apply_removal_policy(RemovalPolicy.RETAIN)

    def grant_read(self, grantee: iam.IGrantable, *prefixes: str) -> None:
        """Read objects below the prefixes, and list the bucket.

        Without s3:ListBucket S3 answers AccessDenied for a missing key, which hides the cause.
        """
        self._grant(grantee, ["s3:GetObject"], prefixes)
        iam.Grant.add_to_principal(
            grantee=grantee, actions=["s3:ListBucket"], resource_arns=[self.bucket.bucket_arn]
        )

    def grant_write(self, grantee: iam.IGrantable, *prefixes: str) -> None:
        """Put objects below the prefixes and give up a multipart upload; never delete."""
        self._grant(grantee, ["s3:PutObject", "s3:AbortMultipartUpload"], prefixes)

    def grant_delete(self, grantee: iam.IGrantable, *prefixes: str) -> None:
        """Remove objects below the prefixes: only for what nothing depends on."""
        self._grant(grantee, ["s3:DeleteObject"], prefixes)

    def _grant(
        self, grantee: iam.IGrantable, actions: list[str], prefixes: tuple[str, ...]
    ) -> None:
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=actions,
            resource_arns=[self.bucket.arn_for_objects(f"{prefix}/*") for prefix in prefixes],
        )


def _lifecycle(recoverable_days: int | None, expire_after_days: int | None) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        # Parts of an upload that was never completed are invisible, and billed.
        abort_incomplete_multipart_upload_after=Duration.days(_ABANDONED_UPLOAD_DAYS),
        noncurrent_version_expiration=None
        if recoverable_days is None
        else Duration.days(recoverable_days),
        expiration=None if expire_after_days is None else Duration.days(expire_after_days),
    )
