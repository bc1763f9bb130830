"""The request of a training job, as it is before anything is started."""

from dataclasses import replace

import pytest

from algorithm.contract.hyperparameters import HyperparameterError
from algorithm.contract.images import image_uri
from algorithm.contract.instances import InstanceTypeError
from config import prefixes
from config.environments import DEV, ENVIRONMENTS, LOCAL, PROD
from config.settings import Settings
from dataset.layout import Layout
from dataset.split import Split
from scripts.errors import Refused
from scripts.train import chosen_resources
from scripts.training.request import (
    TrainingData,
    attempt_name,
    hyperparameters,
    job_name,
    training_request,
)

DATA = TrainingData(
    dataset_id="0123456789abcdef", bucket="datasets-bucket", classes=10, training_samples=1437
)


def request_of(settings: Settings, data: TrainingData = DATA, **chosen: str) -> dict[str, object]:
    return training_request(
        settings=settings,
        data=data,
        resources=chosen_resources(settings),
        hyper_parameters=hyperparameters(settings.training.hyperparameters, chosen, data),
        image=image_uri(settings.region),
        role_arn="arn:aws:iam::111122223333:role/Training",
        output_bucket="artifacts-bucket",
    )


@pytest.mark.parametrize("settings", [DEV, PROD], ids=lambda settings: settings.name)
def test_dev_and_prod_fine_tune_a_pretrained_resnet_50_on_a_gpu(settings: Settings) -> None:
    request = request_of(settings)
    parameters = request["hyper_parameters"]
    assert isinstance(parameters, dict)
    assert parameters["use_pretrained_model"] == "1"
    assert parameters["image_shape"] == "3,224,224"
    assert parameters["num_layers"] == "50"
    assert parameters["num_classes"] == "10"
    assert parameters["num_training_samples"] == "1437"
    resources = request["resource_config"]
    assert isinstance(resources, dict)
    assert resources["instance_type"].split(".")[1] in {"g4dn", "g5", "p3"}


def test_the_request_of_dev_is_pinned_whole() -> None:
    def channel(name: str) -> dict[str, object]:
        return {
            "channel_name": name,
            "content_type": "application/x-recordio",
            "compression_type": "None",
            "record_wrapper_type": "RecordIO",
            "input_mode": "Pipe",
            "data_source": {
                "s3_data_source": {
                    "s3_data_type": "AugmentedManifestFile",
                    "s3_uri": "s3://datasets-bucket/datasets/0123456789abcdef/"
                    f"{name}/{name}.manifest",
                    "s3_data_distribution_type": "FullyReplicated",
                    "attribute_names": ["source-ref", "class"],
                }
            },
        }

    request = request_of(DEV)
    parameters = request.pop("hyper_parameters")
    assert parameters == dict(
        sorted(
            {
                **DEV.training.hyperparameters,
                "num_classes": "10",
                "num_training_samples": "1437",
            }.items()
        )
    )
    assert request == {
        "role_arn": "arn:aws:iam::111122223333:role/Training",
        "algorithm_specification": {
            "training_image": "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
            "training_input_mode": "Pipe",
        },
        "input_data_config": [
            {**channel("train"), "shuffle_config": {"seed": 0}},
            channel("validation"),
        ],
        "output_data_config": {"s3_output_path": "s3://artifacts-bucket/training"},
        "resource_config": {
            "instance_type": "ml.g4dn.xlarge",
            "instance_count": 1,
            "volume_size_in_gb": 50,
        },
        "stopping_condition": {"max_runtime_in_seconds": 86400},
        "tags": [
            {"key": "darkroom:app", "value": "darkroom"},
            {"key": "darkroom:environment", "value": "dev"},
            {"key": "darkroom:dataset", "value": "0123456789abcdef"},
        ],
    }


@pytest.mark.parametrize("settings", ENVIRONMENTS.values(), ids=lambda settings: settings.name)
def test_every_value_of_a_hyperparameter_is_a_string(settings: Settings) -> None:
    parameters = request_of(settings)["hyper_parameters"]
    assert isinstance(parameters, dict)
    assert all(isinstance(value, str) for value in parameters.values())


def test_the_dataset_decides_the_number_of_classes_and_samples_over_any_choice() -> None:
    parameters = hyperparameters(
        LOCAL.training.hyperparameters, {"num_classes": "3", "num_training_samples": "5"}, DATA
    )
    assert parameters["num_classes"] == "10"
    assert parameters["num_training_samples"] == "1437"


def test_a_misspelt_hyperparameter_is_refused_with_the_closest_name() -> None:
    with pytest.raises(HyperparameterError, match=r"mini_batch_siz\b.*mini_batch_size"):
        hyperparameters(LOCAL.training.hyperparameters, {"mini_batch_siz": "8"}, DATA)


def test_a_hyperparameter_out_of_range_is_refused_with_value_and_limit() -> None:
    with pytest.raises(HyperparameterError, match=r"learning_rate.*7"):
        hyperparameters(LOCAL.training.hyperparameters, {"learning_rate": "7"}, DATA)


def test_the_same_request_has_the_same_job_name_and_another_one_another() -> None:
    first = job_name(LOCAL, DATA, request_of(LOCAL))
    again = job_name(LOCAL, DATA, request_of(LOCAL))
    longer = job_name(LOCAL, DATA, request_of(LOCAL, epochs="9"))
    other_data = replace(DATA, dataset_id="fedcba9876543210")
    assert first == again
    assert len({first, longer, job_name(LOCAL, other_data, request_of(LOCAL, other_data))}) == 3


def test_a_job_name_is_one_that_sagemaker_takes() -> None:
    import re

    long_settings = replace(LOCAL, app="a" * 16, name="b" * 16)
    name = attempt_name(job_name(long_settings, DATA, request_of(long_settings)), 99)
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)


@pytest.mark.parametrize(
    "choice",
    [
        {"instance_type": "banana"},
        {"instance_count": 1_000_000},
        {"volume_size_gb": 1_000_000},
        {"max_runtime_seconds": 10**9},
    ],
    ids=lambda choice: next(iter(choice)),
)
def test_resources_out_of_range_are_refused_before_anything_is_started(
    choice: dict[str, object],
) -> None:
    with pytest.raises(Refused, match=rf"training\.{next(iter(choice))} is "):
        chosen_resources(DEV, **choice)


def test_an_instance_type_without_a_gpu_is_refused_for_the_built_in_algorithm() -> None:
    with pytest.raises(InstanceTypeError, match=r"ml\.m5\.large"):
        chosen_resources(DEV, instance_type="ml.m5.large")


def test_resources_that_are_not_chosen_are_those_of_the_environment() -> None:
    chosen = chosen_resources(DEV, instance_count=2, instance_type=None)
    assert chosen == replace(DEV.training, instance_count=2)


def test_prepare_writes_where_the_roles_may_read() -> None:
    """`dataset` may not import `config`, so the prefix stands in both: they must agree."""
    assert Layout("0123").prefix == f"{prefixes.DATASETS}/0123"
    assert DATA.manifest(Split.TRAIN).startswith(f"s3://{DATA.bucket}/{prefixes.DATASETS}/")
