"""Endpoints as a test needs them: described, running, planned."""

from typing import Any

from config.release import Release
from scripts.deployment.planned import PlannedEndpoint, PlannedVariant
from scripts.serving.live import LiveEndpoint, LiveVariant
from scripts.serving.rollout import RolloutPolicy
from tests.releases import any_model

NAME = "darkroom-dev-realtime"


def live_variant(name: str = "champion", trained: str = "first", **different: Any) -> LiveVariant:
    """A variant that runs a released model on one instance."""
    model = any_model(trained)
    values: dict[str, Any] = {
        "name": name,
        "model_name": f"model-{trained}",
        "image": model.image,
        "model_data_url": model.model_data_url,
        "current_weight": 1.0,
        "desired_weight": 1.0,
        "instance_type": "ml.m5.large",
        "current_instances": 1,
        "desired_instances": 1,
    }
    return LiveVariant(**(values | different))


def live(*variants: LiveVariant, **different: Any) -> LiveEndpoint:
    """An endpoint in service; with the champion alone unless told otherwise."""
    values: dict[str, Any] = {
        "kind": "realtime",
        "name": NAME,
        "status": "InService",
        "endpoint_config_name": "config-1",
        "variants": variants or (live_variant(),),
    }
    return LiveEndpoint(**(values | different))


def planned_variant(
    name: str = "champion", trained: str = "first", **different: Any
) -> PlannedVariant:
    model = any_model(trained)
    values: dict[str, Any] = {
        "name": name,
        "model": model.training_job_name,
        "model_data_url": model.model_data_url,
        "instance_type": "ml.m5.large",
        "instances": 1,
    }
    return PlannedVariant(**(values | different))


def planned(*variants: PlannedVariant, **different: Any) -> PlannedEndpoint:
    """The same endpoint as a template has it."""
    values: dict[str, Any] = {
        "logical_id": "Endpoint",
        "name": NAME,
        "variants": variants or (planned_variant(),),
    }
    return PlannedEndpoint(**(values | different))


def serverless_variant(**different: Any) -> PlannedVariant:
    return planned_variant(
        instance_type=None, instances=None, memory_size_mb=2048, max_concurrency=4, **different
    )


def released(**trained_by_role: str) -> Release:
    """A release of these models; equal weights for all but the shadow."""
    return Release(
        environment="dev",
        models={role: any_model(trained) for role, trained in trained_by_role.items()},
        weights={role: 1.0 for role in trained_by_role if role != "shadow"},
    )


CANARY = RolloutPolicy.read(
    {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
                "WaitIntervalInSeconds": 600,
            },
            "TerminationWaitInSeconds": 300,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
)
