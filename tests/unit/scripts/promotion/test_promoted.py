"""A model on its way into another environment's release file."""

from dataclasses import replace
from typing import Any

import pytest

from config.environments import DEV, PROD
from config.errors import ConfigurationError
from config.release import Release
from config.served_in import Override, ServedIn
from config.traffic import Split
from scripts.errors import Refused
from scripts.promotion.promoted import as_recorded, carried, with_models
from scripts.promotion.request import PromotionRequest
from tests.releases import any_model, any_proof, any_release
from tests.unit.scripts.serving.fleets import released

SPLIT = replace(PROD, traffic=Split())
OVERRIDE = Override(
    gates=("accuracy",), reason="r", by="arn:aws:iam::1:user/a", at="2026-11-22T10:00:00+00:00"
)


LATER: dict[str, Any] = {
    "by": "arn:aws:iam::444455556666:user/second",
    "at": "2026-12-01T10:00:00+00:00",
    "commit": "c" * 40,
}


def test_a_model_gets_the_targets_bucket_and_the_image_of_its_region() -> None:
    model = any_model(override=OVERRIDE, served_in=any_proof(environment="local"))
    there = carried(model, replace(PROD, region="eu-central-1"), "prod-artifacts")
    sha256 = model.artifact_sha256
    assert there.model_data_url == f"s3://prod-artifacts/models/{sha256}/model.tar.gz"
    assert there.image.startswith("813361260812.dkr.ecr.eu-central-1.")
    # What let it pass elsewhere lets it pass nothing here.
    assert there.override is None
    assert there.served_in is None
    assert there.training_job_arn == model.training_job_arn


def test_a_format_that_the_target_does_not_serve_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'onnx', but its image serves 'mxnet'"):
        carried(any_model(artifact_format="onnx"), PROD, "prod-artifacts")


def test_a_first_release_takes_the_champion_and_then_the_others_without_traffic() -> None:
    models = {"champion": any_model(), "challenger": any_model("second")}
    release = with_models(SPLIT, None, models)
    assert dict(release.weights) == {"champion": 1.0, "challenger": 0.0}
    with pytest.raises(Refused, match="prod has no champion to put a challenger beside"):
        with_models(SPLIT, None, {"challenger": any_model()})


def test_models_that_go_together_come_together_whatever_was_there_before() -> None:
    before = released(champion="first", challenger="second")
    classes = ("cat", "dog", "fox")
    models = {
        "champion": any_model("third", class_names=classes),
        "challenger": any_model("fourth", class_names=classes),
    }
    after = with_models(SPLIT, before, models)
    assert after.models == models
    assert after.weights == before.weights


def test_a_role_that_the_targets_traffic_plan_does_not_know_is_refused() -> None:
    with pytest.raises(Refused, match=r"traffic plan of environment prod is Single"):
        with_models(PROD, any_release("prod"), {"challenger": any_model("second")})


def test_other_classes_than_the_targets_champion_has_are_refused() -> None:
    strangers = any_model("second", class_names=("dog", "cat"))
    with pytest.raises(ConfigurationError, match="in the same order"):
        with_models(SPLIT, any_release("prod"), {"challenger": strangers})


def prod_with(model_proof: ServedIn, **different: Any) -> Release:
    return any_release("prod", served_in=model_proof, **different)


def test_a_repeated_promotion_keeps_who_saw_it_first() -> None:
    again = as_recorded(any_model(served_in=any_proof(**LATER)), "champion", prod_with(any_proof()))
    assert again.served_in == any_proof()


@pytest.mark.parametrize(
    "different",
    [
        {"release_sha256": "d" * 64},
        {"endpoints": ("darkroom-dev-realtime", "darkroom-dev-serverless")},
        {"account": "222233334444"},
    ],
    ids=lambda different: next(iter(different)),
)
def test_a_proof_that_says_something_else_is_written_anew(different: dict[str, Any]) -> None:
    new = any_proof(**LATER, **different)
    assert (
        as_recorded(any_model(served_in=new), "champion", prod_with(any_proof())).served_in == new
    )


def test_an_override_of_the_same_model_in_the_same_role_holds_on() -> None:
    before = prod_with(any_proof(), override=OVERRIDE)
    model = any_model(served_in=any_proof(**LATER))
    assert as_recorded(model, "champion", before).override == OVERRIDE
    other = any_model("second", served_in=any_proof(**LATER, artifact_sha256="e" * 64))
    assert as_recorded(other, "champion", before).override is None


def test_the_champion_goes_first_and_a_role_is_moved_once() -> None:
    request = PromotionRequest(
        source="dev", target="prod", roles=("challenger", "champion", "champion")
    )
    moves = request.moves(released(champion="first", challenger="second"))
    assert [(move.source_role, move.role) for move in moves] == [
        ("champion", "champion"),
        ("challenger", "challenger"),
    ]


def test_the_sources_champion_may_become_the_targets_challenger() -> None:
    request = PromotionRequest(source="dev", target="prod", as_role="challenger")
    (move,) = request.moves(any_release())
    assert (move.source_role, move.role) == ("champion", "challenger")


def test_what_cannot_be_asked_for_is_refused() -> None:
    with pytest.raises(Refused, match="both dev"):
        PromotionRequest(source=DEV.name, target="dev")
    with pytest.raises(Refused, match=r"one role, but 2 are promoted \(champion, shadow\)"):
        PromotionRequest(
            source="dev", target="prod", roles=("shadow", "champion"), as_role="shadow"
        )
    request = PromotionRequest(source="dev", target="prod", roles=("shadow",))
    with pytest.raises(Refused, match="dev has no shadow to promote; it has champion"):
        request.moves(any_release())
