"""A settings value that cannot work is refused where it is written, in one line."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from config.alarms import AlarmSettings
from config.algorithm import AlgorithmImage
from config.bootstrap import BootstrapSettings
from config.capture import CaptureSettings
from config.environments import DEV, LOCAL
from config.errors import ConfigurationError
from config.network import VpcSettings
from config.realtime import RealtimeSettings
from config.scaling import ScalingSettings
from config.serverless import ServerlessSettings
from config.settings import EndpointCredentials
from config.traffic import Shadow
from config.training import TrainingSettings

SUBNET = "subnet-0123456789abcdef0"
GROUP = "sg-0123456789abcdef0"
POLICY = "arn:aws:iam::aws:policy/PowerUserAccess"


def realtime(**different: Any) -> RealtimeSettings:
    return RealtimeSettings(instance_type="ml.m5.large", **different)


def scaling(**different: Any) -> ScalingSettings:
    values = {"min_instances": 2, "max_instances": 4, "requests_per_instance_per_minute": 300}
    return ScalingSettings(**(values | different))


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: replace(DEV, name="Dev"), "'Dev'"),
        (lambda: replace(DEV, app="a-name-with-hyphens"), "'a-name-with-hyphens'"),
        (lambda: replace(DEV, account="12345"), "'12345'"),
        (lambda: replace(DEV, region="Frankfurt"), "'Frankfurt'"),
        (lambda: replace(LOCAL, endpoint_url="127.0.0.1:4566"), "'127.0.0.1:4566'"),
        (lambda: TrainingSettings(instance_type="g5.xlarge"), "'g5.xlarge'"),
        (lambda: TrainingSettings(instance_type="ml.g5.xlarge", instance_count=0), "0"),
        (lambda: TrainingSettings(instance_type="ml.g5.xlarge", volume_size_gb=0), "0"),
        (
            lambda: TrainingSettings(instance_type="ml.g5.xlarge", max_runtime_seconds=2_419_201),
            "2419201",
        ),
        (lambda: RealtimeSettings(instance_type="m5.large"), "'m5.large'"),
        (lambda: RealtimeSettings(instance_type="ml.m5.larg"), "'ml.m5.larg'"),
        (lambda: TrainingSettings(instance_type="ml.g5.02xlarge"), "'ml.g5.02xlarge'"),
        (lambda: RealtimeSettings(instance_type="ml.m5.large", instance_count=0), "0"),
        (lambda: ServerlessSettings(memory_size_mb=1536, max_concurrency=5), "1536"),
        (lambda: ServerlessSettings(memory_size_mb=2048, max_concurrency=201), "201"),
        (
            lambda: ServerlessSettings(
                memory_size_mb=2048, max_concurrency=5, provisioned_concurrency=0
            ),
            "0",
        ),
        (lambda: realtime(startup_timeout_seconds=59), "59"),
        (lambda: realtime(download_timeout_seconds=3601), "3601"),
        (lambda: realtime(metrics_period_seconds=20), "20"),
        (lambda: scaling(min_instances=0), "0"),
        (lambda: scaling(max_instances=1), "1"),
        (lambda: scaling(requests_per_instance_per_minute=0), "0"),
        (lambda: scaling(scale_in_cooldown_seconds=-1), "-1"),
        (lambda: scaling(scale_out_cooldown_seconds=-1), "-1"),
        (lambda: Shadow(sampled_percent=0), "0"),
        (lambda: Shadow(sampled_percent=101), "101"),
        (lambda: CaptureSettings(sampled_percent=0), "0"),
        (lambda: CaptureSettings(sampled_percent=101), "101"),
        (lambda: CaptureSettings(request=False, response=False), "(False, False)"),
        (lambda: CaptureSettings(json_content_types=("json",)), "('json',)"),
        (lambda: CaptureSettings(csv_content_types=("a/b",) * 11), "('a/b',"),
        (lambda: CaptureSettings(retention_days=0), "0"),
        (lambda: AlarmSettings(error_percent=0), "0"),
        (lambda: AlarmSettings(error_percent=101), "101"),
        (lambda: AlarmSettings(latency_p99_milliseconds=60_001), "60001"),
        (lambda: AlarmSettings(period_seconds=45), "45"),
        (lambda: AlarmSettings(period_seconds=90), "90"),
        (lambda: AlarmSettings(datapoints_to_alarm=4), "4"),
        (lambda: AlarmSettings(evaluation_periods=0, datapoints_to_alarm=0), "0"),
        (lambda: AlarmSettings(period_seconds=3600, evaluation_periods=25), "25"),
        (lambda: VpcSettings(subnet_ids=(SUBNET,), security_group_ids=(GROUP,)), SUBNET),
        (lambda: VpcSettings(subnet_ids=(SUBNET, "x"), security_group_ids=(GROUP,)), "'x'"),
        (lambda: VpcSettings(subnet_ids=(SUBNET, SUBNET), security_group_ids=()), "()"),
        (lambda: AlgorithmImage(artifact_format="pickle"), "'pickle'"),
        (
            lambda: BootstrapSettings(trusted_accounts=("1234",), execution_policies=(POLICY,)),
            "'1234'",
        ),
        (
            lambda: BootstrapSettings(
                trusted_accounts=("222222222222",) * 2, execution_policies=(POLICY,)
            ),
            "'222222222222'",
        ),
        (lambda: BootstrapSettings(trusted_accounts=("222222222222",)), "()"),
        (lambda: BootstrapSettings(execution_policies=("AdministratorAccess",)), "'Admin"),
        (
            lambda: AlgorithmImage(
                uri="111122223333.dkr.ecr.eu-central-1.amazonaws.com/darkroom:latest",
                artifact_format="onnx",
            ),
            "darkroom:latest",
        ),
    ],
)
def test_a_value_out_of_range_is_refused_with_value_limit_and_remedy(
    make: Callable[[], Any], found: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        make()
    text = str(refusal.value)
    assert found in text
    assert "must be" in text
    assert ";" in text  # what to do stands behind it
    assert "\n" not in text


def test_who_names_the_endpoint_brings_the_credentials() -> None:
    with pytest.raises(ConfigurationError, match="endpoint_credentials"):
        replace(LOCAL, endpoint_credentials=None)
    with pytest.raises(ConfigurationError, match="endpoint_credentials"):
        replace(DEV, endpoint_credentials=LOCAL.endpoint_credentials)


def test_a_secret_key_is_not_printed() -> None:
    keys = EndpointCredentials(access_key_id="known", secret_access_key="not to be seen")
    assert "not to be seen" not in repr(keys)


def test_an_image_of_ones_own_is_named_by_digest() -> None:
    uri = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/darkroom@sha256:" + "0" * 64
    assert AlgorithmImage(uri=uri, artifact_format="onnx").uri == uri


def test_hyperparameters_are_strings_as_sagemaker_takes_them() -> None:
    wrong: dict[str, Any] = {"epochs": 4}
    with pytest.raises(ConfigurationError, match=r"epochs.*must be a string.*write '4'"):
        TrainingSettings(instance_type="ml.g5.xlarge", hyperparameters=wrong)


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        DEV.name = "prod"  # type: ignore[misc] # the point of the test
    with pytest.raises(TypeError):
        DEV.training.hyperparameters["epochs"] = "1"  # type: ignore[index] # the same
