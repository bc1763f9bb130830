"""The arithmetic and the limits of deployment guardrails, without any process."""

from typing import Any

import pytest

from local.sagemaker.errors import ApiError
from local.sagemaker.guardrails import BlueGreen, Plan, Rolling, check_names, plan_of
from local.sagemaker.records import Deployment, Variant


def variant(name: str = "champion", instances: int = 4, *, serverless: bool = False) -> Variant:
    return Variant(
        name=name,
        model_name="model",
        image="tiny:1",
        model_data_url=None,
        role_arn="arn:aws:iam::000000000000:role/execution",
        environment={},
        instance_type=None if serverless else "ml.m5.large",
        instance_count=instances,
        desired_instance_count=instances,
        weight=1.0,
        desired_weight=1.0,
        serverless={"MemorySizeInMB": 2048, "MaxConcurrency": 5} if serverless else None,
        routing_strategy="RANDOM",
        ping_timeout_seconds=1.0,
        download_timeout_seconds=1.0,
        resolved=0.0,
    )


def deployment(*variants: Variant, shadows: tuple[Variant, ...] = ()) -> Deployment:
    given = list(variants or [variant()])
    return Deployment(config_name="config", variants=given, shadows=list(shadows), started=0.0)


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def count(value: int) -> dict[str, Any]:
    return {"Type": "INSTANCE_COUNT", "Value": value}


def blue_green(kind: str, wait: int = 60, **more: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait}
    routing |= {key: more.pop(key) for key in ("CanarySize", "LinearStepSize") if key in more}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, **more}}


def rolling(batch: dict[str, Any], wait: int = 60, **more: Any) -> dict[str, Any]:
    policy = {"MaximumBatchSize": batch, "WaitIntervalInSeconds": wait, **more}
    return {"RollingUpdatePolicy": policy}


def steps(plan: Plan) -> list[tuple[float, float]]:
    assert isinstance(plan, BlueGreen)
    return [(round(step.share, 6), step.wait_seconds) for step in plan.steps]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, [(1.0, 0)]),
        (blue_green("ALL_AT_ONCE", TerminationWaitInSeconds=30), [(1.0, 30)]),
        (
            blue_green("CANARY", CanarySize=percent(10), TerminationWaitInSeconds=30),
            [(0.1, 60), (1.0, 30)],
        ),
        (blue_green("CANARY", CanarySize=count(1)), [(0.25, 60), (1.0, 0)]),
        (
            blue_green("LINEAR", LinearStepSize=percent(30), TerminationWaitInSeconds=5),
            [(0.3, 60), (0.6, 60), (0.9, 60), (1.0, 5)],
        ),
        (blue_green("LINEAR", LinearStepSize=count(2)), [(0.5, 60), (1.0, 0)]),
    ],
)
def test_traffic_moves_in_the_steps_of_the_policy(
    config: dict[str, Any] | None, expected: list[tuple[float, float]]
) -> None:
    assert steps(plan_of(config, deployment())) == expected


@pytest.mark.parametrize(
    ("size", "instances", "counts"),
    [
        (percent(50), 4, (2, 4)),
        (percent(5), 3, (1, 2, 3)),
        (percent(50), 1, (1,)),
        (count(2), 5, (2, 4, 5)),
    ],
)
def test_a_rolling_update_replaces_instances_in_batches(
    size: dict[str, Any], instances: int, counts: tuple[int, ...]
) -> None:
    plan = plan_of(rolling(size), deployment(variant(instances=instances)))
    assert isinstance(plan, Rolling)
    assert plan.counts == counts
    assert plan.waits_seconds == 60 * len(counts)
    left = [plan.remaining(new, instances) for new in plan.counts]
    assert left == [instances - new for new in counts]


def test_a_fleet_that_was_scaled_out_shrinks_in_proportion_to_what_replaces_it() -> None:
    plan = plan_of(rolling(percent(50)), deployment(variant(instances=2)))
    assert isinstance(plan, Rolling)
    assert [plan.remaining(new, 6) for new in plan.counts] == [3, 0]


def test_a_rolling_update_goes_back_in_batches_of_its_own() -> None:
    whole = plan_of(rolling(percent(50)), deployment())
    assert isinstance(whole, Rolling)
    assert whole.way_back(1, 4) == (4,)
    config = rolling(percent(50), RollbackMaximumBatchSize=count(1))
    single = plan_of(config, deployment())
    assert isinstance(single, Rolling)
    assert single.way_back(2, 4) == (3, 4)
    assert single.way_back(4, 4) == ()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (blue_green("CANARY", CanarySize=percent(51)), "CanarySize is 51 %; it must be from 1 to"),
        (blue_green("CANARY", CanarySize=count(3)), "CanarySize is 3 of the 4 instances"),
        (blue_green("CANARY"), "CANARY needs CanarySize"),
        (blue_green("CANARY", LinearStepSize=percent(10)), "LinearStepSize is for"),
        (blue_green("ALL_AT_ONCE", CanarySize=percent(10)), "CanarySize is for"),
        (blue_green("LINEAR", LinearStepSize=percent(9)), "must be from 10 to 50 %"),
        (blue_green("LINEAR", LinearStepSize=percent(51)), "must be from 10 to 50 %"),
        (blue_green("LINEAR", LinearStepSize=count(3)), "must be from 10 to 50 %"),
        (rolling(percent(4)), "MaximumBatchSize is 4 %; it must be from 5 to 50 %"),
        (rolling(count(3)), "MaximumBatchSize is 3 of the 4 instances"),
        (
            rolling(percent(50), RollbackMaximumBatchSize=percent(4)),
            "RollbackMaximumBatchSize is 4 %; it must be from 5 to 100 %",
        ),
        (
            blue_green("ALL_AT_ONCE") | rolling(percent(50)),
            "either BlueGreenUpdatePolicy or RollingUpdatePolicy",
        ),
        ({"AutoRollbackConfiguration": {"Alarms": [{}]}}, "needs an AlarmName"),
        (
            blue_green(
                "LINEAR",
                100,
                LinearStepSize=percent(20),
                MaximumExecutionTimeoutInSeconds=600,
                TerminationWaitInSeconds=200,
            ),
            "MaximumExecutionTimeoutInSeconds is 600; it must be above 600",
        ),
        (
            rolling(percent(50), 300, MaximumExecutionTimeoutInSeconds=600),
            "it must be above 600, the sum of all waits",
        ),
    ],
)
def test_a_policy_outside_the_limits_is_refused_with_the_limit(
    config: dict[str, Any], said: str
) -> None:
    with pytest.raises(ApiError, match=said):
        plan_of(config, deployment())


@pytest.mark.parametrize(
    ("config", "given", "said"),
    [
        (
            blue_green("CANARY", CanarySize=percent(50)),
            deployment(variant(instances=1)),
            "has 1 instance: CANARY needs 2 or more",
        ),
        (
            blue_green("CANARY", CanarySize=percent(50)),
            deployment(variant(serverless=True)),
            "is serverless",
        ),
        (
            rolling(percent(50)),
            deployment(variant("champion"), variant("challenger")),
            r"several variants, a shadow counted \(champion, challenger\)",
        ),
        (
            rolling(percent(50)),
            deployment(shadows=(variant("shadow"),)),
            r"several variants, a shadow counted \(champion, shadow\)",
        ),
        (rolling(percent(50)), deployment(variant(serverless=True)), "is serverless"),
    ],
)
def test_a_policy_that_the_fleets_cannot_follow_is_refused(
    config: dict[str, Any], given: Deployment, said: str
) -> None:
    with pytest.raises(ApiError, match=said):
        plan_of(config, given)


@pytest.mark.parametrize(
    "config",
    [
        blue_green("CANARY", CanarySize=percent(50)),
        blue_green("LINEAR", LinearStepSize=percent(50)),
        rolling(percent(50)),
    ],
)
def test_guarded_traffic_moves_only_between_variants_of_the_same_names(
    config: dict[str, Any],
) -> None:
    new, old = deployment(variant("champion")), deployment(variant("main"))
    with pytest.raises(ApiError, match="the same variant names"):
        check_names(plan_of(config, new), new, old)
    check_names(plan_of(config, new), new, deployment(variant("champion", 1)))
    check_names(plan_of(None, new), new, old)
