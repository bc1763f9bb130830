"""ARNs of things that no stack makes."""

import re

from aws_cdk import ArnFormat, Stack
from constructs import Construct

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z0-9.]+/(?P<name>[^:@]+)[:@].+"
)


def log_group_arns(scope: Construct, log_group: str) -> list[str]:
    """The two ARNs that CloudWatch Logs checks: the group's own, and that of its streams."""
    group = Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=log_group,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return [group, f"{group}:*"]


def repository_arn(scope: Construct, image: str) -> str:
    """The ECR repository of an image. Raises ValueError for an image that is not in ECR."""
    found = _ECR_IMAGE.fullmatch(image)
    if found is None:
        raise ValueError(f"image {image!r} is not in ECR, from where alone SageMaker pulls")
    return Stack.of(scope).format_arn(
        service="ecr",
        account=found["account"],
        region=found["region"],
        resource="repository",
        resource_name=found["name"],
    )
