"""Environments that are asked for what the committed ones are not, each with its release."""

from collections.abc import Mapping
from dataclasses import replace

from config.alarms import AlarmSettings
from config.environments import DEV
from config.environments import PROD as COMMITTED_PROD
from config.gates import GateSettings
from config.network import VpcSettings
from config.pipeline import PipelineSettings
from config.realtime import RealtimeSettings
from config.release import Release
from config.rollout import AllAtOnce, Capacity, Linear, Rolling
from config.serverless import ServerlessSettings
from config.settings import Settings
from config.traffic import Shadow, Split
from tests.stacks.assembly import model_of, release_of

# Nobody has to serve a model first: the plans below are about what happens afterwards.
PROD = replace(COMMITTED_PROD, gates=GateSettings())

SPLIT = replace(
    PROD,
    name="split",
    traffic=Split(),
    rollout=Linear(
        step=Capacity(percent=25),
        wait_seconds=240,
        watch_seconds=60,
        timeout_seconds=1800,
        auto_rollback=True,
    ),
)
SHADOW = replace(PROD, name="shadowed", traffic=Shadow(sampled_percent=25))
ROLLING = replace(
    PROD,
    name="rolling",
    realtime=RealtimeSettings(
        instance_type="ml.m5.large",
        instance_count=4,
        routing_strategy="RANDOM",
        startup_timeout_seconds=300,
        download_timeout_seconds=600,
        metrics_period_seconds=30,
    ),
    alarms=AlarmSettings(period_seconds=30, evaluation_periods=5, datapoints_to_alarm=4),
    rollout=Rolling(
        batch=Capacity(instances=2),
        wait_seconds=150,
        rollback_batch=Capacity(percent=50),
        auto_rollback=True,
    ),
)
ISOLATED = replace(
    PROD,
    name="isolated",
    serverless=None,
    network_isolation=True,
    vpc=VpcSettings(
        subnet_ids=("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
        security_group_ids=("sg-0123456789abcdef0",),
    ),
)
WARM = replace(
    DEV,
    name="warm",
    realtime=None,
    serverless=ServerlessSettings(
        memory_size_mb=2048, max_concurrency=10, provisioned_concurrency=2
    ),
    capture=None,
    rollout=AllAtOnce(),
)
PLAIN = replace(DEV, name="plain", alarms=None, capture=None, rollout=AllAtOnce())

# Two accounts and two regions; models go from the one to the other.
GIVING = replace(
    DEV,
    name="giving",
    account="111111111111",
    customer_managed_keys=True,
    pipeline=PipelineSettings(
        repository="Photo-Lab/darkroom", owner_id=1234, repository_id=567890123
    ),
)
TAKING = replace(
    COMMITTED_PROD,
    name="taking",
    account="222222222222",
    region="eu-central-1",
    gates=replace(COMMITTED_PROD.gates, served_in="giving"),
    pipeline=PipelineSettings(
        repository="Photo-Lab/darkroom",
        branch="stable",
        github_environment="production",
        creates_provider=False,
    ),
)


def _released() -> dict[str, Release]:
    champions = (SPLIT, SHADOW, ROLLING, ISOLATED, WARM, PLAIN, GIVING, TAKING)
    releases = {settings.name: release_of(settings) for settings in champions}
    releases["split"] = (
        releases["split"]
        .with_model("challenger", model_of(SPLIT, "second"))
        .with_model("challenger2", model_of(SPLIT, "third"))
        .with_weights({"champion": 90, "challenger": 10, "challenger2": 0})
    )
    releases["shadowed"] = releases["shadowed"].with_model("shadow", model_of(SHADOW, "second"))
    return releases


PLANS: Mapping[str, Settings] = {
    settings.name: settings
    for settings in (SPLIT, SHADOW, ROLLING, ISOLATED, WARM, PLAIN, GIVING, TAKING)
}
RELEASES: Mapping[str, Release] = _released()
