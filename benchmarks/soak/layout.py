"""The endpoints under load, each in two generations whose models differ."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.soak.cloud import BUCKET, IMAGE, Cloud

GENERATIONS: Final = (0, 1)
_WAITER: Final = {"Delay": 0.1, "MaxAttempts": 600}
_SERVERLESS: Final = {"MemorySizeInMB": 2048, "MaxConcurrency": 10}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The variants of an endpoint; the names of their models end in the generation."""

    name: str
    variants: tuple[str, ...] = ("champion",)
    instances: int = 1
    """Of each variant; 0 is serverless."""
    shadow: bool = False
    """A copy of every request goes to a shadow variant, and all is captured."""

    def config(self, generation: int) -> dict[str, Any]:
        """CreateEndpointConfig's request, except for the name."""
        production = [self._variant(name, generation) for name in self.variants]
        if not self.shadow:
            return {"ProductionVariants": production}
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/capture",
            "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
        }
        return {
            "ProductionVariants": production,
            "ShadowProductionVariants": [self._variant("shadow", generation)],
            "DataCaptureConfig": capture,
        }

    def models(self, generation: int) -> set[str]:
        """The models of a generation that answer."""
        return {f"{variant}-{generation}" for variant in self.variants}

    def _variant(self, name: str, generation: int) -> dict[str, Any]:
        described = {"VariantName": name, "ModelName": f"{name}-{generation}"}
        if not self.instances:
            return {**described, "ServerlessConfig": _SERVERLESS}
        capacity = {"InstanceType": "ml.m5.large", "InitialInstanceCount": self.instances}
        return {**described, **capacity, "InitialVariantWeight": 1.0}


ONE_INSTANCE: Final = Layout(name="one-instance")
TWO_INSTANCES: Final = Layout(name="two-instances", instances=2)
SPLIT: Final = Layout(name="split", variants=("champion", "challenger"), instances=2)
SERVERLESS: Final = Layout(name="serverless", instances=0)
SHADOW: Final = Layout(name="shadow", shadow=True)


@contextmanager
def endpoint(cloud: Cloud, layout: Layout) -> Iterator[str]:
    """The endpoint in its first generation, serving; it and all that belongs to it goes again."""
    sagemaker = cloud.client("sagemaker")
    name = layout.name
    models = [f"{each}-{new}" for each in (*layout.variants, "shadow") for new in GENERATIONS]
    for model in models:
        container = {"Image": IMAGE, "Environment": {"MODEL": model}}
        sagemaker.create_model(
            ModelName=model, ExecutionRoleArn=cloud.role, PrimaryContainer=container
        )
    for generation in GENERATIONS:
        config = layout.config(generation)
        sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-{generation}", **config)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-{GENERATIONS[0]}")
    try:
        wait(sagemaker, "endpoint_in_service", name)
        yield name
    finally:
        sagemaker.delete_endpoint(EndpointName=name)
        wait(sagemaker, "endpoint_deleted", name)
        for generation in GENERATIONS:
            sagemaker.delete_endpoint_config(EndpointConfigName=f"{name}-{generation}")
        for model in models:
            sagemaker.delete_model(ModelName=model)


def wait(sagemaker: Any, condition: str, name: str) -> None:
    """For a condition that boto3 has a waiter of. Raises WaiterError."""
    sagemaker.get_waiter(condition).wait(EndpointName=name, WaiterConfig=_WAITER)
