"""An endpoint configuration turned into something an endpoint can take (facts sheet C.5, C.10)."""

from collections.abc import Collection
from typing import Any

from local.sagemaker.data_capture import capture_of
from local.sagemaker.errors import ApiError, invalid
from local.sagemaker.models import container_of
from local.sagemaker.platform import Platform
from local.sagemaker.ports import Scope
from local.sagemaker.records import Deployment, Endpoint, EndpointConfig, Variant
from local.sagemaker.store import Store


def deployment_of(config_name: str, scope: Scope, store: Store, platform: Platform) -> Deployment:
    """What a configuration asks for, models included. Call with the store's lock held.

    Raises ApiError when the configuration or one of its models is gone.
    """
    config = store.endpoint_configs.get(scope, config_name)
    request = config.request
    return Deployment(
        config_name=config_name,
        variants=[
            _variant(entry, config, store, platform) for entry in request["ProductionVariants"]
        ],
        shadows=[
            _variant(entry, config, store, platform)
            for entry in request.get("ShadowProductionVariants", ())
        ],
        capture=capture_of(request),
        metrics=request.get("MetricsConfig"),
        started=platform.clock(),
    )


def retain(deployment: Deployment, endpoint: Endpoint, request: dict[str, Any]) -> None:
    """Carry the present counts and weights over where UpdateEndpoint asks for it (C.10)."""
    if not request.get("RetainAllVariantProperties") or endpoint.current is None:
        return
    excluded = {
        each["VariantPropertyType"] for each in request.get("ExcludeRetainedVariantProperties", ())
    }
    before = {variant.name: variant for variant in endpoint.current.everything}
    for variant in deployment.everything:
        old = before.get(variant.name)
        if old is None or variant.serverless or old.serverless:
            continue
        if "DesiredInstanceCount" not in excluded:
            variant.instance_count = variant.desired_instance_count = old.desired_instance_count
        if "DesiredWeight" not in excluded:
            variant.weight = variant.desired_weight = old.desired_weight


def check_update(deployment: Deployment, endpoint: Endpoint) -> None:
    """Raises ApiError for a move that the service does not make (C.4, C.10)."""
    current = endpoint.current
    if current is None:
        return
    same = deployment.config_name.lower() == current.config_name.lower()
    # After a rollback that failed the way back to the old configuration is a repair too (C.9).
    if same and endpoint.status != "UpdateRollbackFailed":
        raise invalid(
            f'Cannot update endpoint "{endpoint.arn}" with the endpoint configuration it already '
            "uses. Create an endpoint configuration with another name."
        )
    becomes_serverless = any(variant.serverless for variant in deployment.variants)
    if becomes_serverless and not any(variant.serverless for variant in current.variants):
        raise invalid(
            f'Cannot update the instance-based endpoint "{endpoint.arn}" to a serverless one. '
            "Create a new endpoint."
        )


def check_scaled(deployment: Deployment, endpoint: Endpoint, scaled: Collection[str]) -> None:
    """Raises ApiError where a variant that is scaled automatically would not be the same (C.10)."""
    current = endpoint.current.everything if endpoint.current else []
    before = {variant.name: variant for variant in current}
    after = {variant.name: variant for variant in deployment.everything}
    for name in scaled:
        if name not in before:  # gone already
            continue
        if name not in after or after[name].instance_type != before[name].instance_type:
            what = "change the instance type of" if name in after else "remove"
            raise invalid(
                f'Cannot {what} variant "{name}" of endpoint "{endpoint.arn}": it is '
                "registered with Application Auto Scaling. Deregister the scalable target first."
            )


def check_instances(wanted: int, used: int, platform: Platform) -> None:
    """Raises ApiError where an endpoint would have too many instances; `used` it has (E.1)."""
    limit = platform.timings.endpoint_instances
    if wanted > limit:
        raise ApiError(
            "ResourceLimitExceeded",
            "The account-level service limit 'Maximum number of instances per endpoint' is "
            f"{limit} Instances, with current utilization of {used} Instances and a request delta "
            f"of {wanted - used} Instances. Please use fewer instances: the local cloud runs each "
            "as a process of this machine.",
        )


def _variant(
    entry: dict[str, Any], config: EndpointConfig, store: Store, platform: Platform
) -> Variant:
    model = store.models.get(config.scope, entry["ModelName"])
    container = container_of(model.request)
    serverless = entry.get("ServerlessConfig")
    timings = platform.timings
    startup = (
        timings.serverless_startup_seconds if serverless else timings.startup_health_check_seconds
    )
    count = entry.get("InitialInstanceCount", 0)
    weight = float(entry["InitialVariantWeight"])
    return Variant(
        name=entry["VariantName"],
        model_name=model.name,
        image=container["Image"],
        model_data_url=container.get("ModelDataUrl"),
        role_arn=model.request["ExecutionRoleArn"],
        environment=container.get("Environment", {}),
        instance_type=entry.get("InstanceType"),
        instance_count=count,
        desired_instance_count=count,
        weight=weight,
        desired_weight=weight,
        serverless=serverless,
        desired_serverless=serverless,
        network_isolation=bool(model.request.get("EnableNetworkIsolation")),
        metrics_period_seconds=config.request.get("MetricsConfig", {}).get(
            "MetricPublishFrequencyInSeconds"
        ),
        routing_strategy=entry.get("RoutingConfig", {}).get("RoutingStrategy", "RANDOM"),
        ping_timeout_seconds=entry.get("ContainerStartupHealthCheckTimeoutInSeconds", startup),
        download_timeout_seconds=entry.get(
            "ModelDataDownloadTimeoutInSeconds", timings.model_download_seconds
        ),
        resolved=platform.clock(),
    )
