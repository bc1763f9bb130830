"""The three environments are of one kind, and what they ask for can be had."""

import pytest

from algorithm.contract.artifact import FORMATS
from algorithm.contract.hyperparameters import parse
from config.algorithm import ARTIFACT_FORMATS
from config.environments import DEV, ENVIRONMENTS, LOCAL, PROD, environment
from config.errors import ConfigurationError
from config.settings import Settings


def test_an_environment_is_found_by_its_name() -> None:
    assert {name: environment(name) for name in ENVIRONMENTS} == {
        "local": LOCAL,
        "dev": DEV,
        "prod": PROD,
    }


def test_an_unknown_environment_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"'staging'.*local, dev, prod"):
        environment("staging")


@pytest.mark.parametrize("settings", ENVIRONMENTS.values(), ids=lambda settings: settings.name)
def test_the_algorithm_accepts_the_default_hyperparameters(settings: Settings) -> None:
    parse({**settings.training.hyperparameters, "num_classes": "2", "num_training_samples": "100"})


@pytest.mark.parametrize("settings", [DEV, PROD], ids=["dev", "prod"])
def test_dev_and_prod_fine_tune_a_pretrained_resnet_50(settings: Settings) -> None:
    chosen = settings.training.hyperparameters
    assert chosen["use_pretrained_model"] == "1"
    assert chosen["image_shape"] == "3,224,224"
    assert chosen["num_layers"] == "50"


def test_only_local_names_an_endpoint_and_it_is_loopback() -> None:
    assert LOCAL.endpoint_url is not None
    assert LOCAL.endpoint_url.startswith("http://127.0.0.1:")
    assert LOCAL.account == "000000000000"
    assert DEV.endpoint_url is PROD.endpoint_url is None


def test_the_algorithm_and_the_settings_know_the_same_artifact_formats() -> None:
    assert sorted(ARTIFACT_FORMATS) == sorted(FORMATS)
