"""An endpoint as DescribeEndpoint tells of it (facts sheet C.9)."""

from typing import Any

from local.sagemaker import data_capture
from local.sagemaker.records import Deployment, Endpoint, Variant


def description(endpoint: Endpoint) -> dict[str, Any]:
    """Everything that is known; what is None or empty is left out of the answer."""
    shown = endpoint.current or endpoint.pending
    current = endpoint.current
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": shown.config_name
        if shown
        else endpoint.request["EndpointConfigName"],
        "ProductionVariants": variant_summaries(current) if current else None,
        "ShadowProductionVariants": shadow_summaries(current) if current else None,
        "DataCaptureConfig": data_capture.summary(shown.capture)
        if shown and shown.capture
        else None,
        "MetricsConfig": shown.metrics if shown else None,
        "EndpointStatus": endpoint.status,
        "FailureReason": endpoint.failure_reason,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "LastDeploymentConfig": endpoint.last_deployment_config,
        "PendingDeploymentSummary": pending_summary(endpoint.pending) if endpoint.pending else None,
    }


def pending_summary(deployment: Deployment) -> dict[str, Any]:
    """The deployment that is under way."""
    return {
        "EndpointConfigName": deployment.config_name,
        "ProductionVariants": pending_variants(deployment),
        "ShadowProductionVariants": [_pending(each, deployment) for each in deployment.shadows],
        "StartTime": deployment.started,
    }


def variant_summaries(deployment: Deployment) -> list[dict[str, Any]]:
    """The production variants that serve."""
    return [_summary(each, deployment) for each in deployment.variants]


def shadow_summaries(deployment: Deployment) -> list[dict[str, Any]]:
    """The shadow variants that get copies."""
    return [_summary(each, deployment) for each in deployment.shadows]


def pending_variants(deployment: Deployment) -> list[dict[str, Any]]:
    """The production variants that are being brought in."""
    return [_pending(each, deployment) for each in deployment.variants]


def _pending(variant: Variant, deployment: Deployment) -> dict[str, Any]:
    """Its weight grows with the deployment's share of the traffic: it shows how far it is."""
    return {
        **_summary(variant, deployment),
        "InstanceType": variant.instance_type,
        "CurrentWeight": variant.weight * deployment.share,
    }


def _summary(variant: Variant, deployment: Deployment) -> dict[str, Any]:
    phase = deployment.phase
    summary: dict[str, Any] = {
        "VariantName": variant.name,
        "DeployedImages": [
            {
                "SpecifiedImage": variant.image,
                "ResolvedImage": variant.image,
                "ResolutionTime": variant.resolved,
            }
        ],
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": 0 if variant.serverless else variant.instance_count,
        "DesiredInstanceCount": 0 if variant.serverless else variant.desired_instance_count,
    }
    if phase is not None:
        summary["VariantStatus"] = [
            {"Status": phase.status, "StatusMessage": phase.message, "StartTime": phase.start}
        ]
    if variant.serverless:
        summary["CurrentServerlessConfig"] = variant.serverless
        summary["DesiredServerlessConfig"] = variant.desired_serverless or variant.serverless
    elif variant.routing_strategy != "RANDOM":
        summary["RoutingConfig"] = {"RoutingStrategy": variant.routing_strategy}
    return summary
