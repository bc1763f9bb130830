"""Only an endpoint that runs the release's models gives answers with names."""

import pytest

from scripts.errors import Refused
from scripts.serving.live import LiveEndpoint, LiveVariant
from scripts.serving.running import check_models, check_target
from tests.releases import any_model, any_release

SECOND = any_model("second")
RELEASE = any_release("local").with_model("challenger", SECOND, 1)
SHADOWED = any_release("local").with_model("shadow", SECOND)


def live(**urls: str) -> LiveEndpoint:
    variants = tuple(
        LiveVariant(name=name, model_data_url=url, shadow=name == "shadow")
        for name, url in urls.items()
    )
    return LiveEndpoint(kind="realtime", name="e", status="InService", variants=variants)


FIRST_URL, SECOND_URL = any_model().model_data_url, SECOND.model_data_url


def test_every_variant_runs_the_released_model_of_its_role() -> None:
    check_models(RELEASE, live(champion=FIRST_URL, challenger=SECOND_URL), "challenger")
    check_models(SHADOWED, live(champion=FIRST_URL, shadow=SECOND_URL))


def test_a_challenger_that_is_released_and_not_deployed_yet_stops_nobody_but_its_own() -> None:
    check_models(RELEASE, live(champion=FIRST_URL))
    with pytest.raises(Refused, match="has no variant challenger; it has champion; run `darkroom"):
        check_models(RELEASE, live(champion=FIRST_URL), "challenger")


def test_another_model_than_the_released_one_is_named_with_its_role() -> None:
    with pytest.raises(Refused, match=f"runs {FIRST_URL} as challenger, but the release file"):
        check_models(RELEASE, live(champion=FIRST_URL, challenger=FIRST_URL))


def test_a_variant_that_the_release_does_not_know_is_named() -> None:
    with pytest.raises(Refused, match="has the variant challenger, but the release has champion"):
        check_models(any_release("local"), live(champion=FIRST_URL, challenger=SECOND_URL))


def test_a_missing_endpoint_names_the_command_that_makes_it() -> None:
    missing = LiveEndpoint(kind="realtime", name="e", status="Missing")
    with pytest.raises(Refused, match="does not exist; run `darkroom deploy --env local`"):
        check_models(RELEASE, missing)


def test_whom_nobody_can_ask_is_told_why() -> None:
    check_target(RELEASE, "realtime", "challenger")
    with pytest.raises(Refused, match=r"answers go nowhere.*`darkroom shadow --env local`"):
        check_target(SHADOWED, "realtime", "shadow")
    with pytest.raises(Refused, match="has one variant and takes no --variant"):
        check_target(RELEASE, "serverless", "champion")
    with pytest.raises(Refused, match="has no challenger2; it has champion, challenger"):
        check_target(RELEASE, "realtime", "challenger2")
