"""How good a model has to be, by itself and beside the champion."""

import pytest

from config.environments import DEV, LOCAL, PROD
from scripts.gates.finding import Outcome
from scripts.gates.quality import accuracy, champion
from tests.releases import any_model
from tests.unit.scripts.gates.candidates import any_candidate, scored, with_gates


@pytest.mark.parametrize("role", ["champion", "challenger", "shadow"])
@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (1.0, Outcome.PASSED),
        (0.8, Outcome.PASSED),
        (0.799999, Outcome.REFUSED),
        (0.0, Outcome.REFUSED),
    ],
)
def test_the_minimum_itself_is_enough_in_every_role(
    found: float, outcome: Outcome, role: str
) -> None:
    settings = with_gates(minimum_validation_accuracy=0.8)
    finding = accuracy(any_candidate(scored(found), settings=settings, role=role))
    assert finding.outcome is outcome
    assert finding.limit == "at least 0.8"
    assert float(finding.value) == found


def test_a_value_just_below_the_limit_is_never_shown_as_the_limit() -> None:
    settings = with_gates(minimum_validation_accuracy=0.8)
    assert accuracy(any_candidate(scored(0.7999999), settings=settings)).value == "0.7999999"


def test_an_environment_without_a_minimum_takes_any_model() -> None:
    assert not accuracy(any_candidate(scored(0.0), settings=with_gates())).refused


@pytest.mark.parametrize("role", ["champion", "challenger", "shadow"])
@pytest.mark.parametrize(
    ("best", "margin", "found", "refused"),
    [
        (0.9, 0.05, 0.85, False),
        (0.9, 0.05, 0.849999, True),
        (0.9, 0.0, 0.9, False),
        (0.9, 0.0, 0.8999, True),
        # In binary fractions 0.8 - 0.1 is more than 0.7.
        (0.8, 0.1, 0.7, False),
        (0.9, 1.0, 0.0, False),
        (0.5, 0.05, 0.99, False),
    ],
)
def test_a_model_may_be_below_the_champion_by_the_margin_and_no_more(
    best: float, margin: float, found: float, refused: bool, role: str
) -> None:
    finding = champion(
        any_candidate(
            scored(found, "second"),
            settings=with_gates(champion_margin=margin),
            champion=scored(best),
            role=role,
        )
    )
    assert finding.refused == refused
    assert f"the champion's is {best}" in finding.value
    assert finding.limit.startswith("at least ")


def test_without_a_margin_the_champions_accuracy_is_only_shown() -> None:
    finding = champion(
        any_candidate(scored(0.1, "second"), settings=with_gates(), champion=scored(0.9))
    )
    assert not finding.refused
    assert "the champion's is 0.9" in finding.value


def test_the_first_model_is_compared_with_nobody() -> None:
    finding = champion(any_candidate(scored(0.1), settings=with_gates(champion_margin=0.0)))
    assert not finding.refused
    assert "no champion yet" in finding.value


def test_the_champion_released_again_is_not_compared_with_itself() -> None:
    settings = with_gates(champion_margin=0.0)
    found = champion(any_candidate(scored(0.5), settings=settings, champion=scored(0.9)))
    assert not found.refused
    assert "it is the champion" in found.value


def test_accuracies_on_other_photos_are_told_to_be_of_other_photos() -> None:
    other = scored(0.9, dataset_id="fedcba9876543210")
    settings = with_gates(champion_margin=0.1)
    found = champion(any_candidate(scored(0.85, "second"), settings=settings, champion=other))
    assert "measured on other photos (dataset fedcba98)" in found.value
    same = champion(any_candidate(scored(0.85, "second"), settings=settings, champion=scored(0.9)))
    assert "other photos" not in same.value


def test_both_may_be_overridden_and_say_what_to_do() -> None:
    settings = with_gates(minimum_validation_accuracy=1.0, champion_margin=0.0)
    candidate = any_candidate(scored(0.5, "second"), settings=settings, champion=scored(0.9))
    for finding in (accuracy(candidate), champion(candidate)):
        assert finding.refused
        assert finding.may_be_overridden
        assert "train a better model" in finding.remedy


def test_each_environment_asks_at_least_as_much_as_the_one_before() -> None:
    minima = [each.gates.minimum_validation_accuracy for each in (LOCAL, DEV, PROD)]
    assert minima == sorted(minima)
    assert any_model().metrics["validation_accuracy"] >= minima[-1]
