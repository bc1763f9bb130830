"""KMS keys as S3 uses them for somebody, and as nobody uses them directly."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct


def through_s3(scope: Construct, region: str | None = None) -> dict[str, dict[str, str]]:
    """The condition that S3 of a region, the stack's own by default, makes the request."""
    place = region or Stack.of(scope).region
    return {"StringEquals": {"kms:ViaService": f"s3.{place}.amazonaws.com"}}


def decrypt_through_s3(
    scope: Construct, *, account: str | None = None, region: str | None = None
) -> iam.PolicyStatement:
    """Read what S3 holds under keys that are not known here, of the stack's account by default.

    A key's own policy decides as well, and S3's which objects are read.
    """
    keys = Stack.of(scope).format_arn(
        service="kms", account=account, region=region, resource="key", resource_name="*"
    )
    return iam.PolicyStatement(
        actions=["kms:Decrypt"], resources=[keys], conditions=through_s3(scope, region)
    )
