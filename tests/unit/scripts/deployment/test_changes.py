"""What a deployment does to an endpoint, told before it is done."""

from dataclasses import replace
from typing import Any

import pytest

from scripts.deployment.changes import EndpointChange, cost, endpoint_change
from scripts.deployment.planned import PlannedEndpoint
from scripts.deployment.templates import ENDPOINT, Effect, ResourceChange
from scripts.serving.live import LiveEndpoint
from tests.unit.scripts.serving.fleets import (
    CANARY,
    NAME,
    live,
    live_variant,
    planned,
    planned_variant,
    serverless_variant,
)


def change(
    before: PlannedEndpoint | None,
    after: PlannedEndpoint | None,
    running: LiveEndpoint | None,
    effect: Effect | None = Effect.NEW_FLEET,
    config: str | None = None,
) -> EndpointChange:
    resource = (
        ResourceChange(
            logical_id="Endpoint", type=ENDPOINT, path="Realtime/Endpoint", effect=effect
        )
        if effect
        else None
    )
    return endpoint_change(NAME, before, after, resource, running, config)


def test_a_new_model_is_a_new_fleet_with_both_training_jobs_named() -> None:
    found = change(planned(), planned(planned_variant(trained="second")), live())
    assert found.effect is Effect.NEW_FLEET
    assert found.because == ("champion darkroom-dev-first -> darkroom-dev-second",)
    assert found.how == "blue/green: all traffic at once"


def test_a_new_fleet_costs_as_many_instances_as_run_now_for_as_long_as_the_rollout_waits() -> None:
    scaled_out = live(live_variant(current_instances=4, desired_instances=4))
    found = change(planned(), planned(planned_variant(trained="b"), policy=CANARY), scaled_out)
    assert (found.extra_instances, found.least_seconds) == (4, 900)
    assert cost(found) == "4 extra instances for at least 15 min"


def test_the_variants_of_a_split_move_step_by_step_together() -> None:
    linear = replace(CANARY, kind="LINEAR", watch_seconds=0)
    coming = [
        planned_variant(trained="b", instances=2),
        planned_variant("challenger", "second", instances=2),
    ]
    running = live(*(live_variant(each.name, desired_instances=2) for each in coming))
    found = change(planned(*coming), planned(*coming, policy=linear), running)
    # Two instances each, one at a time: one wait in between, not the three of four instances.
    assert (found.extra_instances, found.least_seconds) == (4, 600)


def test_a_serverless_update_costs_no_instance_and_starts_cold() -> None:
    running = live(live_variant(desired_instances=None, max_concurrency=4))
    found = change(planned(serverless_variant()), planned(serverless_variant(trained="b")), running)
    assert (found.effect, found.extra_instances) == (Effect.NEW_FLEET, 0)
    assert "start cold" in found.how


@pytest.mark.parametrize(
    ("after", "because"),
    [
        (
            planned(planned_variant(), planned_variant("challenger", "second")),
            (
                "challenger joins (darkroom-dev-second)",
                "traffic champion alone -> champion 50 %, challenger 50 %",
            ),
        ),
        (planned(capture_percent=10), ("capture nothing -> 10 %",)),
        (planned(policy=CANARY), ("rollout was blue/green: all traffic at once",)),
        (
            planned(planned_variant(instance_type="ml.c5.large")),
            ("champion on ml.m5.large -> ml.c5.large",),
        ),
    ],
    ids=["variant", "capture", "rollout", "instances"],
)
def test_each_difference_is_a_clause(after: PlannedEndpoint, because: tuple[str, ...]) -> None:
    assert change(planned(), after, live()).because == because


def test_a_changed_instance_count_is_said_not_to_reach_a_running_fleet() -> None:
    (clause,) = change(planned(), planned(planned_variant(instances=3)), live()).because
    assert "instance_count 1 -> 3" in clause
    assert "an update keeps the fleet's size" in clause


@pytest.mark.parametrize("policy", ["canary", "linear", "rolling"])
def test_other_variant_names_are_blocked_for_a_rollout_in_parts(policy: str) -> None:
    kind = replace(CANARY, kind=policy.upper())
    after = planned(
        planned_variant(), planned_variant("challenger", "second", instances=2), policy=kind
    )
    found = change(planned(), after, live(live_variant(desired_instances=2)))
    assert found.effect is Effect.BLOCKED
    (obstacle,) = found.obstacles
    assert f"a {policy} rollout needs the same ones" in obstacle
    assert "rollout=AllAtOnce()" in obstacle


def test_a_shadow_that_leaves_is_another_name_too() -> None:
    running = live(
        live_variant(desired_instances=2), live_variant("shadow", shadow=True, desired_instances=2)
    )
    (obstacle,) = change(planned(), planned(policy=CANARY), running).obstacles
    assert "has the variants champion, shadow and would have champion" in obstacle


def test_the_fleet_that_runs_must_be_large_enough_for_the_rollout_not_the_one_in_the_settings() -> (
    None
):
    """An update keeps the fleet's size, so that of the settings does not help."""
    after = planned(planned_variant(trained="b", instances=2), policy=CANARY)
    (obstacle,) = change(planned(), after, live()).obstacles
    assert "has 1 instance, and no part of a canary rollout may be more than half" in obstacle
    assert (
        "--desired-weights-and-capacities VariantName=champion,DesiredInstanceCount=2`" in obstacle
    )
    two = live(live_variant(current_instances=2, desired_instances=2))
    assert change(planned(), after, two).obstacles == ()


def test_other_variant_names_are_no_obstacle_when_all_traffic_moves_at_once() -> None:
    after = planned(planned_variant(), planned_variant("challenger", "second"))
    assert change(planned(), after, live()).obstacles == ()


def test_the_names_that_count_are_those_that_run() -> None:
    """After a rollback that nobody noticed the template is not what runs."""
    both = planned(planned_variant(), planned_variant("challenger", "second"), policy=CANARY)
    assert change(both, both, live()).effect is Effect.BLOCKED


@pytest.mark.parametrize(
    ("running", "after", "says"),
    [
        (live(), planned(serverless_variant()), "is on instances and would become serverless"),
        (
            live(live_variant(desired_instances=None, max_concurrency=4)),
            planned(),
            "is serverless and would become on instances",
        ),
    ],
    ids=["to serverless", "to instances"],
)
def test_an_endpoint_never_changes_between_instances_and_serverless(
    running: LiveEndpoint, after: PlannedEndpoint, says: str
) -> None:
    found = change(planned(), after, running)
    assert found.effect is Effect.BLOCKED
    assert says in found.obstacles[0]


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack"])
def test_an_endpoint_at_work_is_blocked_and_known_to_be_busy(status: str) -> None:
    found = change(planned(), planned(planned_variant(trained="b")), live(status=status))
    assert found.busy
    assert f"is {status}, and takes one change at a time" in found.obstacles[0]


def test_a_failed_endpoint_is_blocked_with_its_reason_and_the_way_out() -> None:
    broken = live(status="Failed", failure_reason="no ping")
    (obstacle,) = change(planned(), planned(planned_variant(trained="b")), broken).obstacles
    assert "Failed (no ping)" in obstacle
    assert "npx cdk destroy" in obstacle


def test_an_endpoint_that_no_stack_owns_is_not_taken_over() -> None:
    (obstacle,) = change(None, planned(), live(), Effect.CREATED).obstacles
    assert "belongs to no stack" in obstacle
    assert change(None, planned(), live(status="Missing"), Effect.CREATED).obstacles == ()


@pytest.mark.parametrize("effect", [None, Effect.NEW_FLEET], ids=["unchanged", "changed"])
def test_an_endpoint_that_was_deleted_behind_its_stack_is_blocked(effect: Effect | None) -> None:
    found = change(planned(), planned(), live(status="Missing", variants=()), effect)
    assert "deleted behind its stack's back" in found.obstacles[0]


def test_a_silent_rollback_is_found_although_the_template_is_the_same() -> None:
    """CloudFormation would do nothing, and the old model would go on unseen."""
    rolled_back = live(endpoint_config_name="config-0", failure_reason="alarm errors fired")
    found = change(planned(), planned(), rolled_back, None, "config-1")
    assert found.effect is Effect.BLOCKED
    (obstacle,) = found.obstacles
    assert "runs configuration config-0, but its stack says config-1" in obstacle
    assert "alarm errors fired" in obstacle
    assert "--endpoint-config-name config-1" in obstacle


def test_a_silent_rollback_is_no_obstacle_to_another_release() -> None:
    rolled_back = live(endpoint_config_name="config-0")
    after = planned(planned_variant(trained="third"))
    assert change(planned(), after, rolled_back, config="config-1").obstacles == ()


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (planned(planned_variant(instance_type="ml.c5.large")), "would move to ml.c5.large"),
        (planned(planned_variant("challenger")), "would leave"),
    ],
    ids=["instance type", "variant"],
)
def test_a_scaled_variant_keeps_its_name_and_instance_type(
    after: PlannedEndpoint, says: str
) -> None:
    found = change(planned(scaled=frozenset({"champion"})), after, live())
    (obstacle,) = found.obstacles
    assert says in obstacle
    assert "scaling=None" in obstacle


def test_an_endpoint_without_a_change_says_nothing() -> None:
    found = change(planned(), planned(), live(), None, "config-1")
    expected: dict[str, Any] = {"effect": Effect.NOTHING, "because": (), "obstacles": ()}
    assert {name: getattr(found, name) for name in expected} == expected
