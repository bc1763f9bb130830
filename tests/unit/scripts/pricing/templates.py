"""Templates with what an estimate reads of them, as CloudFormation spells it."""

from typing import Any

from scripts.deployment.templates import Template

NAME = "darkroom-dev-realtime"


def instances(type_: str = "ml.m5.large", count: int = 1, **different: Any) -> dict[str, Any]:
    """A production variant on instances."""
    values = {
        "VariantName": "champion",
        "ModelName": "model",
        "InstanceType": type_,
        "InitialInstanceCount": count,
        "InitialVariantWeight": 1,
    }
    return values | different


def serverless(memory_mb: int = 2048, at_once: int = 5, warm: int | None = None) -> dict[str, Any]:
    """A serverless variant."""
    config = {"MemorySizeInMB": memory_mb, "MaxConcurrency": at_once}
    if warm:
        config["ProvisionedConcurrency"] = warm
    return {"VariantName": "champion", "ModelName": "model", "ServerlessConfig": config}


def endpoint(
    *variants: dict[str, Any],
    name: str = NAME,
    shadows: tuple[dict[str, Any], ...] = (),
    capture: dict[str, Any] | None = None,
    deployment: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The resources of one endpoint."""
    config: dict[str, Any] = {"ProductionVariants": list(variants)}
    if shadows:
        config["ShadowProductionVariants"] = list(shadows)
    if capture:
        config["DataCaptureConfig"] = capture
    properties = {
        "EndpointName": name,
        "EndpointConfigName": {"Fn::GetAtt": [f"{name}Config", "EndpointConfigName"]},
    }
    if deployment:
        properties["DeploymentConfig"] = deployment
    return {
        f"{name}Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": config},
        f"{name}Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": properties},
    }


def scaled(least: int, most: int, name: str = NAME, variant: str = "champion") -> dict[str, Any]:
    """The resources by which a variant scales."""
    target = {
        "MinCapacity": least,
        "MaxCapacity": most,
        "ResourceId": f"endpoint/{name}/variant/{variant}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ServiceNamespace": "sagemaker",
    }
    policy = {"PolicyType": "TargetTrackingScaling"}
    return {
        "Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target},
        "Policy": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": policy},
    }


def template(*parts: dict[str, Any], **resources: dict[str, Any]) -> Template:
    """A template of these resources."""
    found: dict[str, Any] = {}
    for part in (*parts, resources):
        found |= part
    return {"Resources": found}
