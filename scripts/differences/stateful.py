"""What a resource holds that a new one in its place would not have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

HOLDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AWS::Backup::BackupVault": "backups",
        "AWS::CloudFormation::Stack": "whatever its own resources hold",
        "AWS::Cognito::UserPool": "its users and their passwords",
        "AWS::DocDB::DBCluster": "a database",
        "AWS::DocDB::DBInstance": "a database",
        "AWS::DynamoDB::GlobalTable": "its items",
        "AWS::DynamoDB::Table": "its items",
        "AWS::EC2::Volume": "a file system",
        "AWS::ECR::Repository": "its images, which endpoints and jobs pull",
        "AWS::EFS::FileSystem": "its files",
        "AWS::EMR::Cluster": "its file system and running jobs",
        "AWS::ElastiCache::CacheCluster": "what it caches",
        "AWS::ElastiCache::ReplicationGroup": "what it caches",
        "AWS::Elasticsearch::Domain": "its indices",
        "AWS::FSx::FileSystem": "its files",
        "AWS::KMS::Key": "the only way to read what it encrypted",
        "AWS::Kinesis::Stream": "records that nobody has read yet",
        "AWS::Logs::LogGroup": "its logs",
        "AWS::Neptune::DBCluster": "a database",
        "AWS::Neptune::DBInstance": "a database",
        "AWS::OpenSearchService::Domain": "its indices",
        "AWS::Organizations::Account": "an account with all that is in it",
        "AWS::QLDB::Ledger": "its journal",
        "AWS::RDS::DBCluster": "a database",
        "AWS::RDS::DBInstance": "a database",
        "AWS::Redshift::Cluster": "a database",
        "AWS::S3::Bucket": "its objects",
        "AWS::S3Express::DirectoryBucket": "its objects",
        "AWS::SDB::Domain": "its items",
        "AWS::SQS::Queue": "messages that nobody has read yet",
        "AWS::SageMaker::FeatureGroup": "its records",
        "AWS::SageMaker::ModelPackageGroup": "the registered models and their approvals",
        "AWS::SSM::Parameter": "a value that others look up by its name",
        "AWS::SecretsManager::Secret": "a secret",
    }
)
"""By type of resource; those that the CDK calls stateful and some more (a test compares)."""

_KEPT: Final = ("Retain", "RetainExceptOnCreate", "Snapshot")


def lost_with(type_: str, policy: str | None) -> str | None:
    """What becomes of the content of a resource that goes, or None if it has none.

    `policy` is its DeletionPolicy when it is removed, its UpdateReplacePolicy when it is replaced.
    """
    content = HOLDS.get(type_)
    if content is None:
        return None
    if policy not in _KEPT:
        return f"lost with it: {content}"
    if policy == "Snapshot":
        return "a snapshot of it stays"
    return f"the old one stays with {content}, orphaned: no stack owns it any more"


def unguarded(type_: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The policies that kept a stateful resource alive on the base's side and no longer do."""
    if type_ not in HOLDS:
        return ()
    return tuple(
        name
        for name in ("DeletionPolicy", "UpdateReplacePolicy")
        if before.get(name) in _KEPT and after.get(name) not in _KEPT
    )
