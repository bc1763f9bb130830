"""What can be scaled: one dimension of one variant of one endpoint (facts sheet C.13)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.sagemaker.errors import invalid, unsupported

NAMESPACE = "sagemaker"
_RESOURCE = re.compile(r"endpoint/([A-Za-z0-9-]{1,63})/variant/([A-Za-z0-9-]{1,63})")


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A number of a variant that may be set. `noun` is how activities call it."""

    name: str
    noun: str
    member: str


INSTANCES = Dimension(
    name="sagemaker:variant:DesiredInstanceCount",
    noun="desired instance count",
    member="DesiredInstanceCount",
)
CONCURRENCY = Dimension(
    name="sagemaker:variant:DesiredProvisionedConcurrency",
    noun="desired provisioned concurrency",
    member="DesiredProvisionedConcurrency",
)
DIMENSIONS = {each.name: each for each in (INSTANCES, CONCURRENCY)}
LEAST_CAPACITY = 1
"""A real-time variant cannot be scaled to nothing, and provisioned concurrency begins at one."""


@dataclass(frozen=True, kw_only=True)
class ScalableVariant:
    """A variant, by the names of it and its endpoint, and which of its numbers."""

    endpoint_name: str
    variant_name: str
    dimension: Dimension

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "ScalableVariant":
        """What a request names. Raises ApiError for other services and other resources."""
        check_namespace(request)
        dimension = DIMENSIONS.get(request["ScalableDimension"])
        if dimension is None:
            raise unsupported(f"ScalableDimension {request['ScalableDimension']}")
        match = _RESOURCE.fullmatch(request["ResourceId"])
        if match is None:
            raise invalid(
                f"Unsupported resource ID {request['ResourceId']}: it must have the form "
                "endpoint/<endpoint name>/variant/<variant name>."
            )
        return cls(endpoint_name=match[1], variant_name=match[2], dimension=dimension)

    @property
    def resource_id(self) -> str:
        return f"endpoint/{self.endpoint_name}/variant/{self.variant_name}"

    @property
    def members(self) -> dict[str, str]:
        """How requests and answers name it."""
        return {
            "ServiceNamespace": NAMESPACE,
            "ResourceId": self.resource_id,
            "ScalableDimension": self.dimension.name,
        }

    def __str__(self) -> str:
        return (
            f"service namespace: {NAMESPACE}, resource ID: {self.resource_id}, scalable dimension: "
            f"{self.dimension.name}"
        )


def check_namespace(request: Mapping[str, Any]) -> None:
    """Raises ApiError for another service than SageMaker."""
    if request["ServiceNamespace"] != NAMESPACE:
        raise unsupported(f"ServiceNamespace {request['ServiceNamespace']}")
