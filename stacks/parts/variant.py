"""The variants of an endpoint: which model runs on what, with which share (facts C.4, C.5)."""

from aws_cdk import aws_sagemaker as sagemaker

from config.realtime import RealtimeSettings
from config.roles import CHAMPION
from config.serverless import ServerlessSettings

Variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty


def on_instances(
    role: str, model: sagemaker.CfnModel, weight: float, settings: RealtimeSettings
) -> Variant:
    """A variant on instances of its own, named as the role of its model."""
    return Variant(
        variant_name=role,
        model_name=model.attr_model_name,
        initial_variant_weight=weight,
        instance_type=settings.instance_type,
        initial_instance_count=settings.instance_count,
        routing_config=sagemaker.CfnEndpointConfig.RoutingConfigProperty(
            routing_strategy=settings.routing_strategy
        ),
        container_startup_health_check_timeout_in_seconds=settings.startup_timeout_seconds,
        model_data_download_timeout_in_seconds=settings.download_timeout_seconds,
    )


def on_demand(model: sagemaker.CfnModel, settings: ServerlessSettings) -> Variant:
    """The variant of a serverless endpoint, which can have this one only (facts C.4)."""
    return Variant(
        variant_name=CHAMPION,
        model_name=model.attr_model_name,
        # There is no other to share with, so it says nothing.
        initial_variant_weight=1,
        serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
            memory_size_in_mb=settings.memory_size_mb,
            max_concurrency=settings.max_concurrency,
            provisioned_concurrency=settings.provisioned_concurrency,
        ),
    )
