"""A private bucket, and who may do what below which prefix of it."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.parts.keys import through_s3

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
        own_key: bool = False,
    ) -> None:
        """`recoverable_days`: how long an overwritten or deleted object can be had back; None is
        for a bucket whose objects nobody overwrites or deletes. `access_logs` is where the
        bucket's accesses are logged; only the bucket of the logs itself has none. `own_key`
        encrypts with a KMS key made for this bucket instead of S3's.
        """
        super().__init__(scope, id_)
        self.key = self._made_key(id_) if own_key else None
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS if own_key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self.key,
            # One request to KMS for many objects; without a key it means nothing.
            bucket_key_enabled=True if own_key else None,
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

    def _made_key(self, id_: str) -> kms.Key:
        """A key for each bucket, so that who shares one bucket shares no other's key."""
        return kms.Key(
            self,
            "Key",
            description=f"Encrypts the bucket {id_.lower()}",
            enable_key_rotation=True,
            # Without its key the bucket that stays would hold nothing that can be read.
            removal_policy=RemovalPolicy.RETAIN,
        )

    def grant_read(self, grantee: iam.IGrantable, *prefixes: str) -> None:
        """Read objects below the prefixes, and list the bucket.

        Without s3:ListBucket S3 answers AccessDenied for a missing key, which hides the cause.
        """
        self._grant(grantee, ["s3:GetObject"], prefixes)
        self._grant_bucket(grantee, "s3:ListBucket")
        self._grant_key(grantee, "kms:Decrypt")

    def grant_write(self, grantee: iam.IGrantable, *prefixes: str) -> None:
        """Put objects below the prefixes and give up a multipart upload; never delete."""
        self._grant(grantee, ["s3:PutObject", "s3:AbortMultipartUpload"], prefixes)
        # The parts of a multipart upload are decrypted when they are put together.
        self._grant_key(grantee, "kms:GenerateDataKey", "kms:Decrypt")

    def grant_resume(self, grantee: iam.IGrantable, *prefixes: str) -> None:
        """Find a multipart upload that was interrupted, and what of it is there already."""
        self._grant(grantee, ["s3:ListMultipartUploadParts"], prefixes)
        self._grant_bucket(grantee, "s3:ListBucketMultipartUploads")

    def grant_delete(self, grantee: iam.IGrantable, *prefixes: str) -> None:
        """Remove objects below the prefixes: only for what nothing depends on."""
        self._grant(grantee, ["s3:DeleteObject"], prefixes)

    def share(self, accounts: Sequence[str], prefix: str) -> None:
        """Let other accounts read objects below the prefix, and list them.

        Each of them decides by its own policies who of its people does.
        """
        principals = [iam.AccountPrincipal(account) for account in accounts]
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=principals,
                actions=["s3:GetObject"],
                resources=[self.bucket.arn_for_objects(f"{prefix}/*")],
            )
        )
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=principals,
                actions=["s3:ListBucket"],
                resources=[self.bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{prefix}/*"}},
            )
        )
        if self.key is not None:
            self.key.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=principals,
                    actions=["kms:Decrypt"],
                    resources=["*"],  # in a key's policy: this key
                    conditions=through_s3(self),
                )
            )

    def _grant(
        self, grantee: iam.IGrantable, actions: list[str], prefixes: tuple[str, ...]
    ) -> None:
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=actions,
            resource_arns=[self.bucket.arn_for_objects(f"{prefix}/*") for prefix in prefixes],
        )

    def _grant_bucket(self, grantee: iam.IGrantable, action: str) -> None:
        iam.Grant.add_to_principal(
            grantee=grantee, actions=[action], resource_arns=[self.bucket.bucket_arn]
        )

    def _grant_key(self, grantee: iam.IGrantable, *actions: str) -> None:
        """Use the bucket's key where it has one, for what S3 does with it and nothing else."""
        if self.key is None:
            return
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=list(actions),
            resource_arns=[self.key.key_arn],
            conditions=through_s3(self),
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
