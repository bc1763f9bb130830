"""Endpoint configurations: Create, Describe, List, DeleteEndpointConfig."""

from collections.abc import Callable, Sequence
from typing import Any

from local.sagemaker import tags
from local.sagemaker.errors import invalid
from local.sagemaker.listing import Listing
from local.sagemaker.ports import Scope
from local.sagemaker.records import EndpointConfig
from local.sagemaker.refusals import refuse
from local.sagemaker.store import Store

SERVERLESS_MEMORY_MB = (1024, 2048, 3072, 4096, 5120, 6144)
DEFAULT_WEIGHT = 1.0
LISTING = Listing[EndpointConfig](
    member="EndpointConfigs",
    summary=lambda config: {
        "EndpointConfigName": config.name,
        "EndpointConfigArn": config.arn,
        "CreationTime": config.created,
    },
)


class EndpointConfigs:
    """The endpoint configuration operations."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        _check(request)
        now = self._clock()
        variants = [
            {"InitialVariantWeight": DEFAULT_WEIGHT, **variant}
            for variant in request["ProductionVariants"]
        ]
        config = EndpointConfig(
            account=scope.account,
            region=scope.region,
            name=request["EndpointConfigName"],
            created=now,
            modified=now,
            request={
                "EndpointConfigName": request["EndpointConfigName"],
                "ProductionVariants": variants,
            },
            tags=tags.read(request.get("Tags")),
        )
        with self._store.lock:
            for variant in variants:
                self._store.models.get(scope, variant["ModelName"])
            self._store.endpoint_configs.add(config)
            self._store.changed()
        return {"EndpointConfigArn": config.arn}

    def describe(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            config = self._store.endpoint_configs.get(scope, request["EndpointConfigName"])
            return {
                **config.request,
                "EnableNetworkIsolation": False,
                "EndpointConfigArn": config.arn,
                "CreationTime": config.created,
            }

    def page(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            return LISTING.page(self._store.endpoint_configs.of(scope), request)

    def delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            configs = self._store.endpoint_configs
            configs.remove(configs.get(scope, request["EndpointConfigName"]))
            self._store.changed()
        return {}


def _check(request: dict[str, Any]) -> None:
    refuse(
        request,
        "CreateEndpointConfig",
        "DataCaptureConfig",
        "KmsKeyId",
        "AsyncInferenceConfig",
        "ExplainerConfig",
        "ShadowProductionVariants",
        "ExecutionRoleArn",
        "VpcConfig",
        "EnableNetworkIsolation",
        "MetricsConfig",
    )
    variants = request["ProductionVariants"]
    names = [variant["VariantName"] for variant in variants]
    if len({name.lower() for name in names}) < len(names):
        raise invalid(f"Variant names must be unique within a configuration: {', '.join(names)}.")
    for variant in variants:
        _check_variant(variant)
    if len(variants) > 1 and any("ServerlessConfig" in variant for variant in variants):
        raise invalid("A serverless endpoint has exactly one production variant.")


def _check_variant(variant: dict[str, Any]) -> None:
    name = variant["VariantName"]
    refuse(
        variant,
        f"Variant {name}:",
        "InstancePools",
        "VariantInstanceProvisionTimeoutInSeconds",
        "AcceleratorType",
        "CoreDumpConfig",
        "EnableSSMAccess",
        "ManagedInstanceScaling",
        "InferenceAmiVersion",
        "CapacityReservationConfig",
    )
    if not variant.get("ModelName"):
        raise invalid(f"Variant {name} needs a ModelName.")
    routing = variant.get("RoutingConfig", {})
    if routing.get("RoutingStrategy") == "PREFIX_AWARE":
        refuse({"PREFIX_AWARE": True}, f"Variant {name}: RoutingStrategy", "PREFIX_AWARE")
    instances = [key for key in ("InstanceType", "InitialInstanceCount") if key in variant]
    if "ServerlessConfig" in variant:
        _check_serverless(name, variant, instances)
    elif len(instances) < 2:
        raise invalid(
            f"Variant {name} needs ServerlessConfig, or InstanceType and InitialInstanceCount."
        )


def _check_serverless(name: str, variant: dict[str, Any], instances: Sequence[str]) -> None:
    """Facts sheet C.4."""
    if instances:
        raise invalid(f"Variant {name} is serverless: {' and '.join(instances)} must be left out.")
    for member in ("RoutingConfig", "VolumeSizeInGB"):
        if member in variant:
            raise invalid(f"Variant {name} is serverless: {member} must be left out.")
    config = variant["ServerlessConfig"]
    refuse(config, f"Variant {name}: ServerlessConfig", "ProvisionedConcurrency")
    if config["MemorySizeInMB"] not in SERVERLESS_MEMORY_MB:
        allowed = ", ".join(map(str, SERVERLESS_MEMORY_MB))
        raise invalid(
            f"Variant {name}: MemorySizeInMB {config['MemorySizeInMB']} is not one of {allowed}."
        )
