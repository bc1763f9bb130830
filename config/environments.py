"""The environments, as values. A new one is a value here and nothing else."""

from collections.abc import Mapping
from types import MappingProxyType

from config.alarms import AlarmSettings
from config.algorithm import AlgorithmImage
from config.capture import CaptureSettings
from config.errors import ConfigurationError
from config.gates import GateSettings
from config.promotion import check_promotions
from config.providers import check_providers
from config.realtime import RealtimeSettings
from config.rollout import AllAtOnce, Canary, Capacity
from config.scaling import ScalingSettings
from config.serverless import ServerlessSettings
from config.settings import EndpointCredentials, Settings
from config.traffic import Split
from config.training import TrainingSettings

FINE_TUNING = {
    # ImageNet's weights with a new last layer: the only shape they exist for is 3,224,224 (A.1.1).
    "use_pretrained_model": "1",
    "num_layers": "50",
    "image_shape": "3,224,224",
    # Without it a photo larger than image_shape is cropped to its centre instead of scaled (A.1.1).
    "resize": "256",
    "augmentation_type": "crop",
    # The default rate of 0.1 is for training from nothing and destroys pretrained weights.
    "learning_rate": "0.001",
    "lr_scheduler_step": "10",
    "lr_scheduler_factor": "0.1",
    "epochs": "15",
    "mini_batch_size": "32",
    "optimizer": "sgd",
}

SMALL_IMAGES_FROM_NOTHING = {
    "num_layers": "20",
    "image_shape": "3,32,32",
    "resize": "32",
    "epochs": "4",
    "mini_batch_size": "32",
    "optimizer": "adam",
    "learning_rate": "0.002",
    # At the full rate to the end, the last epochs swing by several percent.
    "lr_scheduler_step": "2,3",
    "lr_scheduler_factor": "0.3",
}

LOCAL = Settings(
    name="local",
    account="000000000000",
    region="us-east-1",
    endpoint_url="http://127.0.0.1:4566",
    endpoint_credentials=EndpointCredentials(
        access_key_id="test",
        secret_access_key="test",  # noqa: S106 - the emulator's public, documented pair
    ),
    training=TrainingSettings(
        instance_type="ml.g4dn.xlarge",
        max_runtime_seconds=3600,
        hyperparameters=SMALL_IMAGES_FROM_NOTHING,
    ),
    # The local cloud runs our engine where the built-in image is asked for, and that serves ONNX.
    algorithm=AlgorithmImage(artifact_format="onnx"),
    # As often as CloudWatch allows: nobody at a laptop waits minutes for a metric or an alarm.
    realtime=RealtimeSettings(instance_type="ml.m5.large", metrics_period_seconds=10),
    serverless=ServerlessSettings(memory_size_mb=2048, max_concurrency=4),
    # Worse than this is a mistake in the data; a practice model may still lose to its champion.
    gates=GateSettings(minimum_validation_accuracy=0.6),
    # A challenger can be released without a change here; until then the champion answers alone.
    traffic=Split(),
    capture=CaptureSettings(),
    alarms=AlarmSettings(period_seconds=10, evaluation_periods=1, datapoints_to_alarm=1),
    # One instance has no part to begin with, so the old fleet is kept until an alarm would have
    # fired: metrics come every 10 seconds, and then 10 seconds of them are judged (darkroom drill).
    rollout=AllAtOnce(watch_seconds=20, auto_rollback=True),
)

DEV = Settings(
    name="dev",
    account=None,
    region="us-east-1",
    training=TrainingSettings(instance_type="ml.g4dn.xlarge", hyperparameters=FINE_TUNING),
    algorithm=AlgorithmImage(artifact_format="mxnet"),
    realtime=RealtimeSettings(instance_type="ml.m5.large"),
    serverless=ServerlessSettings(memory_size_mb=3072, max_concurrency=5),
    gates=GateSettings(minimum_validation_accuracy=0.8, champion_margin=0.05),
    # Little traffic, none of it the public's: all of it is kept.
    capture=CaptureSettings(sampled_percent=100, retention_days=14),
    alarms=AlarmSettings(),
    # Both fleets bill for these five minutes; the alarms need three.
    rollout=AllAtOnce(watch_seconds=300, auto_rollback=True),
)

PROD = Settings(
    name="prod",
    account=None,
    region="us-east-1",
    training=TrainingSettings(instance_type="ml.g5.xlarge", hyperparameters=FINE_TUNING),
    algorithm=AlgorithmImage(artifact_format="mxnet"),
    realtime=RealtimeSettings(
        instance_type="ml.m5.xlarge",
        # In two availability zones; and a canary needs a second instance to be a part of.
        instance_count=2,
        scaling=ScalingSettings(
            min_instances=2,
            max_instances=6,
            # Half of ten requests a second, which the instance is assumed to answer with a
            # ResNet-50 and not measured to: replace it after a load test (facts C.13).
            requests_per_instance_per_minute=300,
        ),
    ),
    serverless=ServerlessSettings(memory_size_mb=4096, max_concurrency=20),
    # A model trains and proves itself in dev; it reaches prod by `darkroom promote` alone.
    gates=GateSettings(minimum_validation_accuracy=0.9, champion_margin=0.01, served_in="dev"),
    capture=CaptureSettings(sampled_percent=10),
    alarms=AlarmSettings(),
    # One instance by number, not by percent: the least there is, however far the fleet has scaled.
    rollout=Canary(
        size=Capacity(instances=1), wait_seconds=600, watch_seconds=300, auto_rollback=True
    ),
)

ENVIRONMENTS: Mapping[str, Settings] = MappingProxyType(
    {settings.name: settings for settings in (LOCAL, DEV, PROD)}
)
check_promotions(ENVIRONMENTS.values())
check_providers(ENVIRONMENTS.values())


def environment(name: str) -> Settings:
    """The environment called `name`. Raises ConfigurationError naming the known ones."""
    if name not in ENVIRONMENTS:
        raise ConfigurationError(
            f"environment {name!r} does not exist; "
            f"config/environments.py has {', '.join(ENVIRONMENTS)}"
        )
    return ENVIRONMENTS[name]
