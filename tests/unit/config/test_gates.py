"""The limits of the gates, and the environments that ask for them."""

import math
from collections.abc import Callable

import pytest

from config.environments import DEV, ENVIRONMENTS, LOCAL, PROD
from config.errors import ConfigurationError
from config.gates import GateSettings


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: GateSettings(minimum_validation_accuracy=1.01), "minimum_validation_accuracy"),
        (lambda: GateSettings(minimum_validation_accuracy=-0.1), "minimum_validation_accuracy"),
        (lambda: GateSettings(minimum_validation_accuracy=80), "minimum_validation_accuracy is 80"),
        (lambda: GateSettings(minimum_validation_accuracy=math.nan), "from 0 to 1"),
        (lambda: GateSettings(champion_margin=-0.01), "champion_margin is -0.01"),
        (lambda: GateSettings(champion_margin=math.nan), "or None to compare with nobody"),
        (lambda: GateSettings(champion_margin=5), "champion_margin is 5"),
    ],
)
def test_a_limit_that_no_accuracy_can_have_is_refused(
    make: Callable[[], GateSettings], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named):
        make()


def test_the_ends_of_the_range_are_limits_too() -> None:
    GateSettings(minimum_validation_accuracy=0, champion_margin=0)
    GateSettings(minimum_validation_accuracy=1, champion_margin=1)


def test_a_model_reaches_prod_from_dev_and_nobody_else_needs_a_proof() -> None:
    assert PROD.gates.served_in == DEV.name
    assert [each.gates.served_in for each in (LOCAL, DEV)] == [None, None]


def test_whoever_has_to_serve_first_is_an_environment_and_another_one() -> None:
    for settings in ENVIRONMENTS.values():
        wanted = settings.gates.served_in
        assert wanted is None or (wanted in ENVIRONMENTS and wanted != settings.name)
