"""What AWS would refuse or ignore is refused where the settings are written: one test a rule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from config.alarms import AlarmSettings
from config.algorithm import AlgorithmImage
from config.capture import CaptureSettings
from config.environments import DEV, ENVIRONMENTS
from config.errors import ConfigurationError
from config.network import VpcSettings
from config.realtime import RealtimeSettings
from config.rollout import AllAtOnce, Canary, Capacity, Linear, Rolling, Rollout
from config.scaling import ScalingSettings
from config.serverless import ServerlessSettings
from config.settings import Settings
from config.traffic import Shadow, Split, TrafficPlan

PLAIN = replace(DEV, capture=None, alarms=None, rollout=AllAtOnce())
SERVERLESS = replace(PLAIN, realtime=None)
REALTIME = replace(PLAIN, serverless=None)
VPC = VpcSettings(
    subnet_ids=("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
    security_group_ids=("sg-0123456789abcdef0",),
)
GPU_IMAGE = AlgorithmImage(
    uri="111122223333.dkr.ecr.us-east-1.amazonaws.com/darkroom@sha256:" + "0" * 64,
    artifact_format="onnx",
    needs_gpu=True,
)


def fleet(instances: int, instance_type: str = "ml.m5.large", **different: Any) -> RealtimeSettings:
    return RealtimeSettings(instance_type=instance_type, instance_count=instances, **different)


def scaling(low: int, high: int) -> ScalingSettings:
    return ScalingSettings(
        min_instances=low, max_instances=high, requests_per_instance_per_minute=300
    )


def refusal(make: Callable[[], object]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        make()
    text = str(refused.value)
    assert "must be" in text
    assert ";" in text  # what to do stands behind it
    assert "\n" not in text
    return text


@pytest.mark.parametrize("settings", [*ENVIRONMENTS.values(), SERVERLESS, REALTIME])
def test_what_can_be_deployed_is_accepted(settings: Settings) -> None:
    assert replace(settings) == settings


@pytest.mark.parametrize("plan", [Split(), Shadow()])
def test_a_serverless_endpoint_alone_is_neither_split_nor_shadowed(plan: TrafficPlan) -> None:
    assert "Single()" in refusal(lambda: replace(SERVERLESS, traffic=plan))


def test_a_serverless_endpoint_alone_captures_nothing() -> None:
    text = refusal(lambda: replace(SERVERLESS, capture=CaptureSettings()))
    assert "capture=None" in text


@pytest.mark.parametrize(
    "rollout",
    [
        Canary(size=Capacity(percent=10), wait_seconds=60),
        Linear(step=Capacity(percent=10), wait_seconds=60),
        Rolling(batch=Capacity(percent=10), wait_seconds=60),
        AllAtOnce(watch_seconds=60),
    ],
    ids=lambda rollout: type(rollout).__name__,
)
def test_a_serverless_endpoint_alone_has_no_guardrails(rollout: Rollout) -> None:
    assert "AllAtOnce()" in refusal(lambda: replace(SERVERLESS, rollout=rollout))


def test_a_model_that_is_also_served_serverless_has_no_vpc() -> None:
    assert "serverless=None" in refusal(lambda: replace(PLAIN, vpc=VPC))
    assert replace(REALTIME, vpc=VPC).vpc == VPC


def test_a_model_that_is_also_served_serverless_is_not_isolated() -> None:
    assert "serverless=None" in refusal(lambda: replace(PLAIN, network_isolation=True))
    assert replace(REALTIME, network_isolation=True).network_isolation


def test_an_image_that_needs_a_gpu_is_not_served_serverless() -> None:
    on_gpu = fleet(1, instance_type="ml.g5.xlarge")
    assert "serverless" in refusal(lambda: replace(PLAIN, algorithm=GPU_IMAGE, realtime=on_gpu))
    assert replace(REALTIME, algorithm=GPU_IMAGE, realtime=on_gpu).realtime == on_gpu


def test_an_image_that_needs_a_gpu_is_not_served_on_a_cpu() -> None:
    assert "'ml.m5.large'" in refusal(lambda: replace(REALTIME, algorithm=GPU_IMAGE))


def test_the_built_in_image_does_not_need_a_gpu() -> None:
    text = refusal(lambda: AlgorithmImage(artifact_format="mxnet", needs_gpu=True))
    assert "needs_gpu" in text


def test_provisioned_concurrency_is_not_above_the_concurrency_there_may_be() -> None:
    text = refusal(
        lambda: ServerlessSettings(
            memory_size_mb=2048, max_concurrency=5, provisioned_concurrency=6
        )
    )
    assert "max_concurrency (5)" in text


@pytest.mark.parametrize("instances", [1, 7])
def test_a_fleet_does_not_begin_outside_the_limits_of_its_scaling(instances: int) -> None:
    text = refusal(lambda: replace(PLAIN, realtime=fleet(instances, scaling=scaling(2, 6))))
    assert "2 to 6" in text


@pytest.mark.parametrize("instance_type", ["ml.t2.medium", "ml.t3.large"])
def test_burstable_instances_do_not_scale(instance_type: str) -> None:
    scaled = fleet(2, instance_type, scaling=scaling(1, 4))
    assert "burstable" in refusal(lambda: replace(PLAIN, realtime=scaled))
    assert replace(PLAIN, realtime=fleet(2, instance_type)).realtime


@pytest.mark.parametrize(
    "rollout",
    [
        Canary(size=Capacity(percent=50), wait_seconds=60),
        Linear(step=Capacity(percent=50), wait_seconds=60),
        Rolling(batch=Capacity(percent=50), wait_seconds=60),
    ],
    ids=lambda rollout: type(rollout).__name__,
)
def test_one_instance_is_not_updated_in_parts(rollout: Rollout) -> None:
    assert "2 instances or more" in refusal(lambda: replace(PLAIN, rollout=rollout))
    scaled_in = fleet(2, scaling=scaling(1, 4))
    assert "is 1" in refusal(lambda: replace(PLAIN, realtime=scaled_in, rollout=rollout))


@pytest.mark.parametrize(
    ("make", "limit"),
    [
        (lambda: Canary(size=Capacity(percent=51), wait_seconds=60), "to 50"),
        (lambda: Canary(size=Capacity(percent=0), wait_seconds=60), "from 1"),
        (lambda: Linear(step=Capacity(percent=51), wait_seconds=60), "to 50"),
        (lambda: Linear(step=Capacity(percent=9), wait_seconds=60), "from 10"),
        (lambda: Rolling(batch=Capacity(percent=51), wait_seconds=60), "to 50"),
        (lambda: Rolling(batch=Capacity(percent=4), wait_seconds=60), "from 5"),
        (
            lambda: Rolling(
                batch=Capacity(percent=10), wait_seconds=60, rollback_batch=Capacity(percent=101)
            ),
            "to 100",
        ),
    ],
)
def test_a_step_keeps_to_its_percentages(make: Callable[[], object], limit: str) -> None:
    assert limit in refusal(make)


@pytest.mark.parametrize(
    ("rollout", "fitting", "unfitting"),
    [
        (Canary(size=Capacity(instances=2), wait_seconds=60), fleet(4), fleet(3)),
        (Linear(step=Capacity(instances=1), wait_seconds=60), fleet(10), fleet(11)),
        (Linear(step=Capacity(instances=2), wait_seconds=60), fleet(4), fleet(3)),
        (Rolling(batch=Capacity(instances=1), wait_seconds=60), fleet(20), fleet(21)),
        (Rolling(batch=Capacity(instances=2), wait_seconds=60), fleet(4), fleet(3)),
        (
            Rolling(
                batch=Capacity(percent=50), wait_seconds=60, rollback_batch=Capacity(instances=3)
            ),
            fleet(3),
            fleet(2),
        ),
        (
            Canary(size=Capacity(instances=2), wait_seconds=60),
            fleet(4, scaling=scaling(4, 9)),
            fleet(4, scaling=scaling(3, 9)),
        ),
        (
            Linear(step=Capacity(instances=1), wait_seconds=60),
            fleet(4, scaling=scaling(2, 10)),
            fleet(4, scaling=scaling(2, 11)),
        ),
    ],
)
def test_a_step_counted_in_instances_keeps_to_its_percentages_at_every_size(
    rollout: Rollout, fitting: RealtimeSettings, unfitting: RealtimeSettings
) -> None:
    assert replace(PLAIN, realtime=fitting, rollout=rollout).rollout == rollout
    assert "percent of" in refusal(lambda: replace(PLAIN, realtime=unfitting, rollout=rollout))


@pytest.mark.parametrize("plan", [Split(), Shadow()])
def test_several_variants_are_not_updated_in_batches(plan: TrafficPlan) -> None:
    rolling = Rolling(batch=Capacity(percent=50), wait_seconds=60)
    two = replace(PLAIN, realtime=fleet(2))
    assert "Single()" in refusal(lambda: replace(two, traffic=plan, rollout=rolling))
    canary = Canary(size=Capacity(percent=50), wait_seconds=60)
    assert replace(two, traffic=plan, rollout=canary).rollout == canary


@pytest.mark.parametrize(
    ("instances", "rollout"),
    [
        (1, AllAtOnce(watch_seconds=600, timeout_seconds=600)),
        (2, Canary(size=Capacity(percent=50), wait_seconds=300, watch_seconds=300)),
        # Four steps with three waits between them, and one at the end.
        (2, Linear(step=Capacity(percent=25), wait_seconds=180, watch_seconds=60)),
        (8, Linear(step=Capacity(instances=2), wait_seconds=180, watch_seconds=60)),
        # Every batch is watched.
        (2, Rolling(batch=Capacity(percent=50), wait_seconds=300)),
        (6, Rolling(batch=Capacity(instances=2), wait_seconds=200)),
    ],
)
def test_an_update_has_more_time_than_it_waits(instances: int, rollout: Rollout) -> None:
    settings = replace(PLAIN, realtime=fleet(instances))
    short = replace(rollout, timeout_seconds=600)
    assert "600 seconds" in refusal(lambda: replace(settings, rollout=short))
    enough = replace(rollout, timeout_seconds=601)
    assert replace(settings, rollout=enough).rollout == enough


def test_a_fleet_that_scaled_out_waits_longer() -> None:
    rollout = Linear(step=Capacity(instances=1), wait_seconds=100, timeout_seconds=600)
    assert replace(PLAIN, realtime=fleet(2), rollout=rollout).rollout == rollout
    scaled = replace(PLAIN, realtime=fleet(2, scaling=scaling(2, 7)))
    assert "7 instances" in refusal(lambda: replace(scaled, rollout=rollout))


@pytest.mark.parametrize("seconds", [599, 28_801])
def test_the_time_of_an_update_is_within_sagemakers_limits(seconds: int) -> None:
    assert "from 600 to 28800" in refusal(lambda: AllAtOnce(timeout_seconds=seconds))


@pytest.mark.parametrize("seconds", [-1, 3601])
def test_a_wait_is_within_sagemakers_limits(seconds: int) -> None:
    assert "from 0 to 3600" in refusal(lambda: AllAtOnce(watch_seconds=seconds))


@pytest.mark.parametrize("capacity", [{}, {"percent": 10, "instances": 1}, {"instances": 0}])
def test_a_capacity_is_a_share_or_a_number_of_instances(capacity: dict[str, int]) -> None:
    assert "rollout capacity" in refusal(lambda: Capacity(**capacity))


def test_an_update_is_not_undone_without_alarms() -> None:
    watched = AllAtOnce(watch_seconds=600, auto_rollback=True)
    assert "alarms=AlarmSettings" in refusal(lambda: replace(PLAIN, rollout=watched))


def test_alarms_do_not_look_more_often_than_metrics_come() -> None:
    often = AlarmSettings(period_seconds=10, evaluation_periods=1, datapoints_to_alarm=1)
    text = refusal(lambda: replace(PLAIN, alarms=often))
    assert "metrics_period_seconds (60)" in text
    fast = fleet(1, metrics_period_seconds=10)
    assert replace(PLAIN, alarms=often, realtime=fast).alarms == often


@pytest.mark.parametrize(
    ("rollout", "wait"),
    [
        (AllAtOnce(auto_rollback=True), "watch_seconds"),
        # What the first share of the traffic does not show, the rest of it learns.
        (Canary(size=Capacity(percent=50), wait_seconds=0, auto_rollback=True), "wait_seconds"),
        (Linear(step=Capacity(percent=50), wait_seconds=0, auto_rollback=True), "wait_seconds"),
        (Rolling(batch=Capacity(percent=50), wait_seconds=0, auto_rollback=True), "wait_seconds"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_update_is_watched_until_an_alarm_can_fire(rollout: Rollout, wait: str) -> None:
    alarms = AlarmSettings(period_seconds=60, evaluation_periods=3, datapoints_to_alarm=2)
    settings = replace(PLAIN, realtime=fleet(2), alarms=alarms)
    # A minute until the metrics come, and two that are judged.
    short: Any = {wait: 179}
    text = refusal(lambda: replace(settings, rollout=replace(rollout, **short)))
    assert f"rollout.{wait}" in text
    assert "at least 180" in text
    enough: Any = {wait: 180}
    watched = replace(rollout, **enough)
    assert replace(settings, rollout=watched).rollout == watched
