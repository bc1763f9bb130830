"""An update reaches the real-time endpoint as the settings say, and alarms undo it (facts C.11)."""

from typing import Any

import pytest

from config.environments import LOCAL
from config.rollout import AllAtOnce
from tests.stacks.assembly import Assembly


def deployment(assembly: Assembly, environment: str) -> Any:
    endpoint = assembly.only(f"{environment}/Serving", "AWS::SageMaker::Endpoint", "Realtime")
    return endpoint.properties["DeploymentConfig"]


def test_a_canary_is_one_instance_of_the_new_fleet(assembly: Assembly) -> None:
    assert deployment(assembly, "prod")["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
            "WaitIntervalInSeconds": 600,
        },
        "TerminationWaitInSeconds": 300,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }


def test_a_linear_rollout_moves_equal_shares(plans: Assembly) -> None:
    assert deployment(plans, "split")["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {
            "Type": "LINEAR",
            "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            "WaitIntervalInSeconds": 240,
        },
        "TerminationWaitInSeconds": 60,
        "MaximumExecutionTimeoutInSeconds": 1800,
    }


def test_all_at_once_watches_with_both_fleets(assembly: Assembly) -> None:
    assert isinstance(LOCAL.rollout, AllAtOnce)
    assert deployment(assembly, "local")["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        "TerminationWaitInSeconds": LOCAL.rollout.watch_seconds,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }


def test_a_rolling_update_replaces_batches_and_is_no_blue_green_one(plans: Assembly) -> None:
    found = deployment(plans, "rolling")
    assert found["RollingUpdatePolicy"] == {
        "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 2},
        "RollbackMaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 150,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }
    assert "BlueGreenUpdatePolicy" not in found


@pytest.mark.parametrize(
    ("environment", "variants"),
    [
        ("prod", {"champion"}),
        ("split", {"champion", "challenger", "challenger2"}),
        # A shadow in trouble is what it was put there to show.
        ("shadowed", {"champion"}),
    ],
)
def test_the_alarms_of_every_variant_that_answers_undo_an_update(
    environment: str, variants: set[str], everything: Assembly
) -> None:
    stack = f"{environment}/Serving"
    names = deployment(everything, environment)["AutoRollbackConfiguration"]["Alarms"]
    undoing = {alarm["AlarmName"]["Ref"] for alarm in names}
    alarms = {
        resource.logical_id: {d["Name"]: d["Value"] for d in resource.properties["Dimensions"]}
        for resource in everything.resources("AWS::CloudWatch::Alarm")
        if resource.stack == stack and resource.logical_id in undoing
    }
    assert len(undoing) == len(alarms) == 2 * len(variants)
    assert {found["EndpointName"] for found in alarms.values()} == {
        f"darkroom-{environment}-realtime"
    }
    assert {found["VariantName"] for found in alarms.values()} == variants


def test_the_endpoint_is_updated_after_its_alarms_exist(everything: Assembly) -> None:
    for endpoint in everything.resources("AWS::SageMaker::Endpoint"):
        kind = endpoint.properties["EndpointName"].rpartition("-")[2].title()
        alarms = {
            resource.logical_id
            for resource in everything.resources("AWS::CloudWatch::Alarm")
            if resource.stack == endpoint.stack and resource.logical_id.startswith(kind)
        }
        assert alarms == set(endpoint.body.get("DependsOn", [])), str(endpoint)


def test_without_auto_rollback_no_alarm_undoes_an_update(plans: Assembly) -> None:
    assert "AutoRollbackConfiguration" not in deployment(plans, "plain")
