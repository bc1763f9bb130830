"""Which properties CloudFormation cannot change in place: it makes the resource anew (facts D.1).

The types of our own stacks and no others; a test holds the table against the CDK CLI's own
database, and the templates against the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

REPLACING: Final[Mapping[str, frozenset[str]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": frozenset(
        {"ResourceId", "ScalableDimension", "ServiceNamespace"}
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": frozenset(
        {"PolicyName", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace"}
    ),
    "AWS::CloudWatch::Alarm": frozenset({"AlarmName"}),
    "AWS::IAM::ManagedPolicy": frozenset({"Description", "ManagedPolicyName", "Path"}),
    "AWS::IAM::Policy": frozenset(),
    "AWS::IAM::Role": frozenset({"Path", "RoleName"}),
    "AWS::S3::Bucket": frozenset(
        {"BucketName", "BucketNamePrefix", "BucketNamespace", "ObjectLockEnabled"}
    ),
    "AWS::S3::BucketPolicy": frozenset({"Bucket"}),
    "AWS::SageMaker::Endpoint": frozenset({"EndpointName"}),
    "AWS::SageMaker::EndpointConfig": frozenset(
        {
            "AsyncInferenceConfig",
            "DataCaptureConfig",
            "EnableNetworkIsolation",
            "EndpointConfigName",
            "ExecutionRoleArn",
            "ExplainerConfig",
            "KmsKeyId",
            "MetricsConfig",
            "ProductionVariants",
            "ShadowProductionVariants",
            "VpcConfig",
        }
    ),
    "AWS::SageMaker::Model": frozenset(
        {
            "Containers",
            "EnableNetworkIsolation",
            "ExecutionRoleArn",
            "InferenceExecutionConfig",
            "ModelName",
            "PrimaryContainer",
            "VpcConfig",
        }
    ),
}


@dataclass(frozen=True, kw_only=True)
class Replacing:
    """The properties of a type whose change makes the resource anew."""

    always: frozenset[str]
    perhaps: frozenset[str] = frozenset()
    """Those whose change does so under conditions that no template shows."""


Rules = Callable[[str], Replacing | None]
"""What is known of a type; None where nothing is."""


def of_our_stacks(type_: str) -> Replacing | None:
    """The rules for the types of our own stacks."""
    always = REPLACING.get(type_)
    return None if always is None else Replacing(always=always)
