"""The proof of a deployment: what runs, held against what was released."""

from dataclasses import replace
from typing import Any

import pytest

from scripts.serving.live import LiveEndpoint
from scripts.serving.proof import differences, flaw_of
from tests.releases import any_model
from tests.unit.scripts.serving.fleets import (
    NAME,
    live,
    live_variant,
    planned,
    planned_variant,
    released,
)

CHAMPION = released(champion="first")


def test_an_endpoint_that_runs_the_release_differs_in_nothing() -> None:
    assert list(differences(CHAMPION, planned(), live(), "config-1")) == []


@pytest.mark.parametrize(
    ("running", "says"),
    [
        (live(status="Failed"), "status is 'Failed', not 'InService'"),
        (live(status="Missing"), "status is 'Missing'"),
        (live(live_variant(image="another")), "champion runs in image another"),
        (live(live_variant(trained="old")), f"not {any_model().artifact_sha256[:12]} of darkroom"),
        (live(live_variant(name="canary")), "runs canary; the release has champion"),
        (live(capture_percent=50), "captured are 50 % of the requests, not 0 %"),
        (live(endpoint_config_name="config-0"), "runs configuration config-0, but its stack made"),
    ],
    ids=["failed", "missing", "image", "model", "variants", "capture", "configuration"],
)
def test_each_difference_is_named_with_what_is_and_what_should_be(
    running: LiveEndpoint, says: str
) -> None:
    found = list(differences(CHAMPION, planned(), running, "config-1"))
    assert found
    assert any(says in clause for clause in found)
    assert found[0].startswith(f"{NAME}: ")


def test_the_reason_of_a_silent_rollback_is_told() -> None:
    old = live(live_variant(trained="old"), failure_reason="alarm errors fired")
    assert list(differences(CHAMPION, planned(), old))[-1] == (
        "SageMaker's reason: alarm errors fired"
    )


def test_every_role_is_held_against_its_own_model() -> None:
    release = released(champion="first", challenger="second")
    template = planned(planned_variant(), planned_variant("challenger", "second"))
    right = live(live_variant(), live_variant("challenger", "second"))
    swapped = live(live_variant(trained="second"), live_variant("challenger", "first"))
    assert list(differences(release, template, right)) == []
    found = list(differences(release, template, swapped))
    assert [clause.split(" ")[1] for clause in found] == ["champion", "challenger"]


def test_a_split_that_was_ignored_is_a_difference() -> None:
    release = released(champion="first", challenger="second")
    template = planned(
        planned_variant(weight=0.9), planned_variant("challenger", "second", weight=0.1)
    )
    running = live(
        live_variant(current_weight=1.0), live_variant("challenger", "second", current_weight=0.0)
    )
    *found, remedy = differences(release, template, running)
    assert found == [
        f"{NAME}: champion gets 100 % of the requests, not 90 %",
        f"{NAME}: challenger gets 0 % of the requests, not 10 %",
    ]
    # To deploy the same template again would change nothing.
    assert "VariantName=champion,DesiredWeight=0.9 VariantName=challenger" in remedy
    # Weights are relative: nine to one is the same split.
    same = live(
        live_variant(current_weight=9.0), live_variant("challenger", "second", current_weight=1.0)
    )
    assert list(differences(release, template, same)) == []


def test_a_shadow_that_gets_another_share_is_a_difference() -> None:
    release = released(champion="first", shadow="second")
    template = planned(
        planned_variant(), planned_variant("shadow", "second", shadow=True, weight=0.5)
    )
    shadow = live_variant("shadow", "second", shadow=True, current_weight=0.5)
    assert list(differences(release, template, live(live_variant(), shadow))) == []
    more = live(live_variant(), replace(shadow, current_weight=1.0))
    assert next(differences(release, template, more)) == (
        f"{NAME}: shadow gets 100 % of the requests, not 50 %"
    )


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        ([0.25, 0.75], None),
        ([0.5, 0.25], "probabilities that add up to 0.7500, not 1"),
        ([1.5, -0.5], "numbers that are no probabilities"),
        ([float("nan"), 1.0], "numbers that are no probabilities"),
    ],
    ids=["sound", "too little", "out of range", "not a number"],
)
def test_an_answer_is_sound_when_its_probabilities_add_up_to_one(
    answer: list[Any], flaw: str | None
) -> None:
    assert flaw_of(answer) == flaw
