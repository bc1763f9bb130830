"""Endpoint configurations: Create, Describe, List, DeleteEndpointConfig."""

from collections.abc import Callable
from typing import Any

from local.sagemaker import data_capture, tags
from local.sagemaker.errors import invalid
from local.sagemaker.listing import Listing
from local.sagemaker.ports import Scope
from local.sagemaker.records import EndpointConfig
from local.sagemaker.refusals import refuse
from local.sagemaker.serverless_config import check_serverless, check_serverless_model
from local.sagemaker.store import Store

DEFAULT_WEIGHT = 1.0
METRIC_SECONDS = (10, 30, 60, 120, 180, 240, 300)
VARIANTS = ("ProductionVariants", "ShadowProductionVariants")
KEPT = ("EndpointConfigName", "DataCaptureConfig", "MetricsConfig")
UNSUPPORTED = {
    "": (
        "KmsKeyId",
        "AsyncInferenceConfig",
        "ExplainerConfig",
        "ExecutionRoleArn",
        "VpcConfig",
        "EnableNetworkIsolation",
    ),
    "MetricsConfig": ("EnableDetailedObservability",),
    "ProductionVariants": (
        "InstancePools",
        "VariantInstanceProvisionTimeoutInSeconds",
        "AcceleratorType",
        "CoreDumpConfig",
        "EnableSSMAccess",
        "ManagedInstanceScaling",
        "InferenceAmiVersion",
        "CapacityReservationConfig",
    ),
}
"""What CreateEndpointConfig refuses, by the structure that it is a member of."""
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
        given = {member: _weighted(request[member]) for member in VARIANTS if request.get(member)}
        given |= {member: request[member] for member in KEPT if member in request}
        config = EndpointConfig(
            account=scope.account,
            region=scope.region,
            name=request["EndpointConfigName"],
            created=now,
            modified=now,
            request=given,
            tags=tags.read(request.get("Tags")),
        )
        with self._store.lock:
            for variant in _all(given):
                model = self._store.models.get(scope, variant["ModelName"])
                if "ServerlessConfig" in variant:
                    check_serverless_model(variant, model.request)
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


def _all(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [variant for member in VARIANTS for variant in request.get(member) or ()]


def _weighted(variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"InitialVariantWeight": DEFAULT_WEIGHT, **variant} for variant in variants]


def _check(request: dict[str, Any]) -> None:
    refuse(request, "CreateEndpointConfig", *UNSUPPORTED[""])
    refuse(request.get("MetricsConfig", {}), "MetricsConfig", *UNSUPPORTED["MetricsConfig"])
    variants = _all(request)
    names = [variant["VariantName"] for variant in variants]
    if len({name.lower() for name in names}) < len(names):
        raise invalid(f"Variant names must be unique within a configuration: {', '.join(names)}.")
    for variant in variants:
        _check_variant(variant)
    if len(variants) > 1 and any("ServerlessConfig" in variant for variant in variants):
        raise invalid(
            "A serverless endpoint has exactly one production variant and no shadow variant."
        )
    _check_shadows(request)
    _check_metrics(request.get("MetricsConfig", {}))
    data_capture.check(request)


def _check_shadows(request: dict[str, Any]) -> None:
    """Facts sheet C.6."""
    shadows = request.get("ShadowProductionVariants")
    production = request["ProductionVariants"]
    if shadows and (len(shadows), len(production)) != (1, 1):
        raise invalid(
            "With ShadowProductionVariants there is exactly one production variant and one shadow "
            f"variant, not {len(production)} and {len(shadows)}."
        )


def _check_metrics(config: dict[str, Any]) -> None:
    """Facts sheet C.12."""
    seconds = config.get("MetricPublishFrequencyInSeconds")
    if seconds is not None and seconds not in METRIC_SECONDS:
        raise invalid(
            f"MetricPublishFrequencyInSeconds {seconds} is not one of "
            f"{', '.join(map(str, METRIC_SECONDS))}."
        )


def _check_variant(variant: dict[str, Any]) -> None:
    name = variant["VariantName"]
    refuse(variant, f"Variant {name}:", *UNSUPPORTED["ProductionVariants"])
    if not variant.get("ModelName"):
        raise invalid(f"Variant {name} needs a ModelName.")
    routing = variant.get("RoutingConfig", {})
    if routing.get("RoutingStrategy") == "PREFIX_AWARE":
        refuse({"PREFIX_AWARE": True}, f"Variant {name}: RoutingStrategy", "PREFIX_AWARE")
    instances = [key for key in ("InstanceType", "InitialInstanceCount") if key in variant]
    if "ServerlessConfig" in variant:
        check_serverless(variant)
    elif len(instances) < 2:
        raise invalid(
            f"Variant {name} needs ServerlessConfig, or InstanceType and InitialInstanceCount."
        )
