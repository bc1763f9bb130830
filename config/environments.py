"""The environments, as values. A new one is a value here and nothing else."""

from collections.abc import Mapping
from types import MappingProxyType

from config.algorithm import AlgorithmImage
from config.errors import ConfigurationError
from config.serving import RealtimeSettings, ServerlessSettings
from config.settings import EndpointCredentials, Settings
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
    realtime=RealtimeSettings(instance_type="ml.m5.large"),
    serverless=ServerlessSettings(memory_size_mb=2048, max_concurrency=4),
)

DEV = Settings(
    name="dev",
    account=None,
    region="us-east-1",
    training=TrainingSettings(instance_type="ml.g4dn.xlarge", hyperparameters=FINE_TUNING),
    algorithm=AlgorithmImage(artifact_format="mxnet"),
    realtime=RealtimeSettings(instance_type="ml.m5.large"),
    serverless=ServerlessSettings(memory_size_mb=3072, max_concurrency=5),
)

PROD = Settings(
    name="prod",
    account=None,
    region="us-east-1",
    training=TrainingSettings(instance_type="ml.g5.xlarge", hyperparameters=FINE_TUNING),
    algorithm=AlgorithmImage(artifact_format="mxnet"),
    realtime=RealtimeSettings(instance_type="ml.m5.xlarge", instance_count=2),
    serverless=ServerlessSettings(memory_size_mb=4096, max_concurrency=20),
)

ENVIRONMENTS: Mapping[str, Settings] = MappingProxyType(
    {settings.name: settings for settings in (LOCAL, DEV, PROD)}
)


def environment(name: str) -> Settings:
    """The environment called `name`. Raises ConfigurationError naming the known ones."""
    if name not in ENVIRONMENTS:
        raise ConfigurationError(
            f"environment {name!r} does not exist; "
            f"config/environments.py has {', '.join(ENVIRONMENTS)}"
        )
    return ENVIRONMENTS[name]
