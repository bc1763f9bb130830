"""What no environment may ask for together: AWS would refuse it or ignore it. A rule a function.

Every rule takes the whole of the settings and raises ConfigurationError with the rule, the value
found and the fix. What one setting alone may be is checked where it is defined.
"""

import re
from typing import TYPE_CHECKING, Final

from config.errors import ConfigurationError, require
from config.rollout import (
    BATCH_PERCENT,
    CANARY_PERCENT,
    LINEAR_PERCENT,
    ROLLBACK_BATCH_PERCENT,
    AllAtOnce,
    Canary,
    Capacity,
    Linear,
    Rolling,
)
from config.traffic import Shadow, Single, Split

if TYPE_CHECKING:
    from config.settings import Settings

_BURSTABLE: Final = re.compile(r"ml\.t\d.*")
_WITH_GPU: Final = re.compile(r"ml\.[gp]\d.*")


def check(settings: "Settings") -> None:
    """Raise ConfigurationError for the first rule that the settings break."""
    for rule in (
        _only_instances_are_split_or_shadowed,
        _only_instances_are_captured,
        _only_instances_are_rolled_out,
        _serverless_has_no_network_of_its_own,
        _serverless_has_no_gpu,
        _a_gpu_image_runs_on_a_gpu,
        _scaling_begins_within_its_limits,
        _burstable_instances_do_not_scale,
        _steps_need_several_instances,
        _a_step_is_a_part_of_every_fleet,
        _rolling_updates_one_variant,
        _an_update_has_time_for_its_waits,
        _a_rollback_needs_alarms,
        _alarms_look_no_more_often_than_metrics_come,
        _an_update_is_watched_until_an_alarm_can_fire,
    ):
        try:
            rule(settings)
        except ConfigurationError as problem:
            raise ConfigurationError(f"environment {settings.name}: {problem}") from problem


def _only_instances_are_split_or_shadowed(settings: "Settings") -> None:
    require(
        settings.realtime is not None or isinstance(settings.traffic, Single),
        "settings.traffic without a real-time endpoint",
        found=settings.traffic,
        limit="Single(): a serverless endpoint has one variant and no shadow",
        remedy="set realtime=RealtimeSettings(...) or traffic=Single() in config/environments.py",
    )


def _only_instances_are_captured(settings: "Settings") -> None:
    require(
        settings.realtime is not None or settings.capture is None,
        "settings.capture without a real-time endpoint",
        found=settings.capture,
        limit="None: a serverless endpoint cannot capture",
        remedy="set realtime=RealtimeSettings(...) or capture=None in config/environments.py",
    )


def _only_instances_are_rolled_out(settings: "Settings") -> None:
    require(
        settings.realtime is not None or settings.rollout == AllAtOnce(),
        "settings.rollout without a real-time endpoint",
        found=settings.rollout,
        limit="AllAtOnce(): a serverless endpoint is updated without guardrails",
        remedy="set realtime=RealtimeSettings(...) or rollout=AllAtOnce() in "
        "config/environments.py",
    )


def _serverless_has_no_network_of_its_own(settings: "Settings") -> None:
    for what, found, off in (
        ("vpc", settings.vpc, None),
        ("network_isolation", settings.network_isolation, False),
    ):
        require(
            settings.serverless is None or found == off,
            f"settings.{what} beside a serverless endpoint",
            found=found,
            limit=f"{off}: both endpoints run one model, and a serverless one runs none with a "
            "network of its own or in isolation",
            remedy=f"set serverless=None or {what}={off} in config/environments.py",
        )


def _serverless_has_no_gpu(settings: "Settings") -> None:
    require(
        settings.serverless is None or not settings.algorithm.needs_gpu,
        "algorithm.needs_gpu beside a serverless endpoint",
        found=settings.algorithm.needs_gpu,
        limit="False: a serverless endpoint has no GPU",
        remedy="set serverless=None, or name an image that serves on a CPU",
    )


def _a_gpu_image_runs_on_a_gpu(settings: "Settings") -> None:
    if settings.realtime is None or not settings.algorithm.needs_gpu:
        return
    found = settings.realtime.instance_type
    require(
        _WITH_GPU.fullmatch(found) is not None,
        "realtime.instance_type for an image that needs a GPU",
        found=found,
        limit="a type with a GPU",
        remedy="choose one such as ml.g4dn.xlarge, or set algorithm.needs_gpu=False",
    )


def _scaling_begins_within_its_limits(settings: "Settings") -> None:
    if settings.realtime is None or settings.realtime.scaling is None:
        return
    scaling, found = settings.realtime.scaling, settings.realtime.instance_count
    require(
        scaling.min_instances <= found <= scaling.max_instances,
        "realtime.instance_count with scaling",
        found=found,
        limit=f"from min_instances to max_instances, {scaling.min_instances} to "
        f"{scaling.max_instances}",
    )


def _burstable_instances_do_not_scale(settings: "Settings") -> None:
    if settings.realtime is None or settings.realtime.scaling is None:
        return
    found = settings.realtime.instance_type
    require(
        _BURSTABLE.fullmatch(found) is None,
        "realtime.instance_type with scaling",
        found=found,
        limit="none of the burstable ml.t types, which SageMaker does not scale",
        remedy="choose one such as ml.m5.large, or set scaling=None",
    )


def _steps_need_several_instances(settings: "Settings") -> None:
    smallest, _ = _fleet(settings)
    require(
        isinstance(settings.rollout, AllAtOnce) or smallest >= 2,
        f"the smallest fleet for rollout={type(settings.rollout).__name__}(...)",
        found=smallest,
        limit="2 instances or more: one instance has no part to begin with",
        remedy="raise realtime.instance_count (with scaling, min_instances), or use "
        "rollout=AllAtOnce(...)",
    )


def _a_step_is_a_part_of_every_fleet(settings: "Settings") -> None:
    """A number of instances has to keep to the percentages too, however far the fleet scales."""
    rollout = settings.rollout
    match rollout:
        case Canary():
            _check_share("size", rollout.size, CANARY_PERCENT, settings)
        case Linear():
            _check_share("step", rollout.step, LINEAR_PERCENT, settings)
        case Rolling():
            _check_share("batch", rollout.batch, BATCH_PERCENT, settings)
            back = rollout.rollback_batch
            _check_share("rollback_batch", back, ROLLBACK_BATCH_PERCENT, settings)


def _check_share(
    what: str, capacity: Capacity, percents: tuple[int, int], settings: "Settings"
) -> None:
    low, high = percents
    for fleet in _fleet(settings):
        share = 100 * capacity.share(fleet)
        require(
            low <= share <= high,
            f"rollout.{what}",
            found=f"{share:.0f} percent of {fleet} instances",
            limit=f"from {low} to {high} percent",
            remedy=f"give it as Capacity(percent=...) or change the fleet: it is {fleet} "
            "instances by realtime.instance_count and scaling",
        )


def _rolling_updates_one_variant(settings: "Settings") -> None:
    require(
        not (
            isinstance(settings.rollout, Rolling) and isinstance(settings.traffic, Split | Shadow)
        ),
        "settings.traffic with a rolling update",
        found=settings.traffic,
        limit="Single(): endpoints of several variants are not updated in batches",
        remedy="set traffic=Single(), or rollout=Canary(...) or Linear(...)",
    )


def _an_update_has_time_for_its_waits(settings: "Settings") -> None:
    _, largest = _fleet(settings)
    waits, found = settings.rollout.waits_for(largest), settings.rollout.timeout_seconds
    require(
        found > waits,
        "rollout.timeout_seconds",
        found=found,
        limit=f"above the sum of the waits, {waits} seconds for {largest} instances",
        remedy="raise it, shorten the waits or take larger steps, in config/environments.py",
    )


def _a_rollback_needs_alarms(settings: "Settings") -> None:
    require(
        not settings.rollout.auto_rollback or settings.alarms is not None,
        "rollout.auto_rollback without alarms",
        found=settings.rollout.auto_rollback,
        limit="False: nothing would ever undo an update",
        remedy="set alarms=AlarmSettings(...) or auto_rollback=False in config/environments.py",
    )


def _alarms_look_no_more_often_than_metrics_come(settings: "Settings") -> None:
    if settings.alarms is None or settings.realtime is None:
        return
    found, limit = settings.alarms.period_seconds, settings.realtime.metrics_period_seconds
    require(
        found >= limit,
        "alarms.period_seconds",
        found=found,
        limit=f"at least realtime.metrics_period_seconds ({limit}): in between there is no data",
        remedy="raise it, or lower realtime.metrics_period_seconds",
    )


def _an_update_is_watched_until_an_alarm_can_fire(settings: "Settings") -> None:
    """The first wait after traffic has reached new instances: what it misses, reaches everybody."""
    rollout, alarms, realtime = settings.rollout, settings.alarms, settings.realtime
    if not rollout.auto_rollback or alarms is None or realtime is None:
        return
    reaction = realtime.metrics_period_seconds + alarms.reaction_seconds
    what, found = (
        ("watch_seconds", rollout.watch_seconds)
        if isinstance(rollout, AllAtOnce)
        else ("wait_seconds", rollout.wait_seconds)
    )
    require(
        found >= reaction,
        f"rollout.{what} with auto_rollback",
        found=found,
        limit=f"at least {reaction} seconds, realtime.metrics_period_seconds and then "
        "alarms.period_seconds times alarms.datapoints_to_alarm: no alarm can fire before",
        remedy=f"raise rollout.{what}, or let the alarms fire earlier",
    )


def _fleet(settings: "Settings") -> tuple[int, int]:
    """The smallest and the largest number of instances that a variant may have."""
    realtime = settings.realtime
    if realtime is None:
        return 1, 1
    if realtime.scaling is None:
        return realtime.instance_count, realtime.instance_count
    return realtime.scaling.min_instances, realtime.scaling.max_instances
