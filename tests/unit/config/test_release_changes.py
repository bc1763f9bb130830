"""A change makes a new release; one that serves nobody or names answers wrongly is refused."""

import math

import pytest

from config.errors import ConfigurationError
from config.release import Release
from config.roles import CHALLENGERS, ROLES
from config.traffic import Shadow, Single, Split, TrafficPlan, check_roles
from tests.releases import any_model, any_release

CHALLENGED = any_release().with_model("challenger", any_model("second"), weight=0.25)
SHADOWED = any_release().with_model("shadow", any_model("second"))


def test_a_release_is_changed_by_making_another() -> None:
    before = any_release()
    before.with_model("champion", any_model("second"))
    assert before == any_release()


def test_a_new_champion_keeps_the_weight_of_the_old_one() -> None:
    after = CHALLENGED.with_weights({"champion": 90, "challenger": 10}).with_model(
        "champion", any_model("third")
    )
    assert after.models["champion"] == any_model("third")
    assert after.weights == {"champion": 90, "challenger": 10}


def test_a_new_challenger_gets_no_traffic_until_somebody_says_so() -> None:
    assert any_release().with_model("challenger2", any_model("second")).weights == {
        "champion": 1.0,
        "challenger2": 0.0,
    }


def test_a_challenger_replaced_keeps_its_share() -> None:
    assert CHALLENGED.with_model("challenger", any_model("third")).weights["challenger"] == 0.25


def test_a_model_is_given_the_weight_that_is_named() -> None:
    assert any_release().with_model("challenger", any_model("second"), 0.5).weights == {
        "champion": 1.0,
        "challenger": 0.5,
    }


def test_a_shadow_has_no_weight() -> None:
    assert SHADOWED.weights == {"champion": 1.0}
    with pytest.raises(ConfigurationError, match=r"sampled_percent"):
        any_release().with_model("shadow", any_model("second"), 0.1)


def test_a_shadow_and_a_challenger_never_stand_in_one_release() -> None:
    for release, role in ((SHADOWED, "challenger"), (CHALLENGED, "shadow")):
        with pytest.raises(ConfigurationError, match=r"not both"):
            release.with_model(role, any_model("third"))


def test_an_endpoint_has_ten_variants_and_no_more() -> None:
    release = any_release()
    for role in CHALLENGERS:
        release = release.with_model(role, any_model(role))
    assert len(release.weights) == 10
    with pytest.raises(ConfigurationError, match=r"'challenger10'"):
        release.with_model("challenger10", any_model("one more"))


def test_models_that_name_classes_differently_never_stand_in_one_release() -> None:
    with pytest.raises(ConfigurationError, match=r"\['dog', 'cat'\].*\['cat', 'dog'\]"):
        any_release().with_model("challenger", any_model("second", class_names=("dog", "cat")))


@pytest.mark.parametrize("release", [CHALLENGED, SHADOWED], ids=["challenger", "shadow"])
def test_a_role_taken_out_takes_its_weight_along(release: Release) -> None:
    (role,) = set(release.models) - {"champion"}
    assert release.without(role) == any_release()


@pytest.mark.parametrize(
    ("role", "remedy"),
    [("champion", "releasing another model"), ("shadow", "name one of them")],
)
def test_only_what_is_there_and_not_the_champion_is_taken_out(role: str, remedy: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"'{role}'.*challenger.*{remedy}"):
        CHALLENGED.without(role)


def test_who_has_all_of_the_traffic_is_not_taken_out() -> None:
    release = CHALLENGED.with_weights({"champion": 0, "challenger": 1})
    with pytest.raises(ConfigurationError, match=r"move the traffic away from the challenger"):
        release.without("challenger")


def test_weights_replace_all_weights() -> None:
    after = CHALLENGED.with_weights({"champion": 90, "challenger": 10})
    assert after.weights == {"champion": 90, "challenger": 10}
    assert after.models == CHALLENGED.models


@pytest.mark.parametrize(
    "weights",
    [
        {"champion": 1.0},
        {"champion": 1.0, "challenger": 1.0, "challenger2": 1.0},
        {"champion": 1.0, "challenger": -0.1},
        {"champion": 0.0, "challenger": 0.0},
        {"champion": 1.0, "challenger": math.inf},
        {"champion": 1.0, "challenger": math.nan},
    ],
)
def test_weights_that_are_no_shares_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=r"champion, challenger, not all of them 0") as no:
        CHALLENGED.with_weights(weights)
    assert "\n" not in str(no.value)


def test_a_changed_release_survives_its_file() -> None:
    for release in (CHALLENGED, SHADOWED):
        assert Release.from_json(release.to_json(), "dev.json") == release


@pytest.mark.parametrize(
    ("plan", "known"),
    [
        (Single(), {"champion"}),
        (Split(), {"champion", *CHALLENGERS}),
        (Shadow(), {"champion", "shadow"}),
    ],
    ids=["single", "split", "shadow"],
)
def test_a_plan_refuses_the_roles_that_it_does_not_know(plan: TrafficPlan, known: set[str]) -> None:
    check_roles(plan, any_release())
    for role in ROLES[1:]:
        release = any_release().with_model(role, any_model("second"))
        if role in known:
            check_roles(plan, release)
        else:
            with pytest.raises(ConfigurationError, match=rf"environment dev is '{role}'.*traffic="):
                check_roles(plan, release)
