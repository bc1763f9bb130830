"""An endpoint as a template describes it: its variants, their models, and how it is updated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scripts.deployment.templates import ENDPOINT, Template, references
from scripts.serving.rollout import RolloutPolicy

_SCALABLE_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
_TRAINING_JOB: Final = "darkroom:training-job"


@dataclass(frozen=True, kw_only=True)
class PlannedVariant:
    """One variant of a template's EndpointConfig."""

    name: str
    model: str
    """The training job that its model came from, or whatever else the template says of it."""

    model_data_url: str | None = None
    shadow: bool = False
    weight: float = 1.0
    instance_type: str | None = None
    instances: int | None = None
    memory_size_mb: int | None = None
    max_concurrency: int | None = None
    provisioned_concurrency: int | None = None

    @property
    def serverless(self) -> bool:
        return self.max_concurrency is not None


@dataclass(frozen=True, kw_only=True)
class PlannedEndpoint:
    """One endpoint of a template."""

    logical_id: str
    name: str
    variants: tuple[PlannedVariant, ...]
    capture_percent: int | None = None
    policy: RolloutPolicy = field(default_factory=RolloutPolicy)
    scaled: frozenset[str] = frozenset()
    """The variants whose instances Application Auto Scaling counts."""

    @property
    def by_name(self) -> dict[str, PlannedVariant]:
        return {variant.name: variant for variant in self.variants}

    @property
    def serverless(self) -> bool:
        return any(variant.serverless for variant in self.variants)

    def share(self, variant: PlannedVariant) -> float:
        """The part of the requests that a variant gets, from 0 to 1 (facts C.5, C.6)."""
        if variant.shadow:
            return min(1.0, variant.weight)
        total = sum(each.weight for each in self.variants if not each.shadow)
        return variant.weight / total if total > 0 else 0.0


def planned_endpoints(template: Template | None) -> dict[str, PlannedEndpoint]:
    """The template's endpoints by name."""
    resources: Mapping[str, Any] = (template or {}).get("Resources") or {}
    found = {}
    for logical_id, body in resources.items():
        if body["Type"] != ENDPOINT:
            continue
        properties = body["Properties"]
        name = properties.get("EndpointName")
        if not isinstance(name, str):  # CloudFormation will make one up, or put one together.
            name = logical_id
        config = _properties(resources, properties["EndpointConfigName"])
        capture = config.get("DataCaptureConfig") or {}
        found[name] = PlannedEndpoint(
            logical_id=logical_id,
            name=name,
            variants=tuple(_variants(resources, config)),
            capture_percent=capture.get("InitialSamplingPercentage")
            if capture.get("EnableCapture", bool(capture))
            else None,
            policy=RolloutPolicy.read(properties.get("DeploymentConfig")),
            scaled=frozenset(_scaled(resources, name)),
        )
    return found


def _variants(resources: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[PlannedVariant]:
    for member, shadow in (("ProductionVariants", False), ("ShadowProductionVariants", True)):
        for row in config.get(member) or ():
            named = row.get("ModelName")
            model = _properties(resources, named)
            url = (model.get("PrimaryContainer") or {}).get("ModelDataUrl")
            tags = {tag["Key"]: tag["Value"] for tag in model.get("Tags") or ()}
            job = str(tags.get(_TRAINING_JOB, "")).rpartition("/")[2]
            serverless = row.get("ServerlessConfig") or {}
            yield PlannedVariant(
                name=row["VariantName"],
                model=job or str(url or named),
                model_data_url=url,
                shadow=shadow,
                weight=float(row.get("InitialVariantWeight", 1)),
                instance_type=row.get("InstanceType"),
                instances=row.get("InitialInstanceCount"),
                memory_size_mb=serverless.get("MemorySizeInMB"),
                max_concurrency=serverless.get("MaxConcurrency"),
                provisioned_concurrency=serverless.get("ProvisionedConcurrency"),
            )


def _properties(resources: Mapping[str, Any], reference: object) -> Mapping[str, Any]:
    """The properties of the resource that a value refers to; none for a literal name."""
    for logical_id in references(reference):
        properties: Mapping[str, Any] = (resources.get(logical_id) or {}).get("Properties") or {}
        return properties
    return {}


def _scaled(resources: Mapping[str, Any], endpoint: str) -> Iterator[str]:
    prefix = f"endpoint/{endpoint}/variant/"
    for body in resources.values():
        resource_id = (body.get("Properties") or {}).get("ResourceId")
        if body["Type"] == _SCALABLE_TARGET and str(resource_id).startswith(prefix):
            yield str(resource_id).removeprefix(prefix)
