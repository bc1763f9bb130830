"""Whether an environment serves its release now."""

from collections.abc import Callable, Iterator

import pytest

from scripts import console
from scripts.errors import Refused
from scripts.promotion.screen import witness_screen
from scripts.promotion.witness import Witnessed, witness
from tests.releases import any_release
from tests.unit.scripts.promotion.serving_cloud import NAME, Place, ServingCloud, a_place
from tests.unit.scripts.serving.fleets import released

RELEASE = any_release()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with a_place(ServingCloud(RELEASE)) as found:
        yield found


def seen(place: Place, cloud: ServingCloud) -> Witnessed:
    place.clouds.append(cloud)
    return witness(place.session, cloud.release)


def test_an_endpoint_that_runs_the_committed_release_and_answers_is_a_witness(
    place: Place,
) -> None:
    found = seen(place, ServingCloud(RELEASE))
    assert found.release_sha256 == RELEASE.digest
    assert found.endpoints_of("champion") == (NAME,)


def test_what_was_seen_is_shown_with_its_values(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    console.page(witness_screen(seen(place, ServingCloud(RELEASE))))
    lines = capsys.readouterr().out.splitlines()
    assert f"release {RELEASE.digest[:12]}" in " ".join(lines[1].split())
    for words in (
        f"{NAME} InService, runs config-1",
        f"champion artifact {RELEASE.models['champion'].artifact_sha256[:12]}, 100 %",
        "sample to champion 2 probabilities, most for dog (0.7500)",
    ):
        assert any(words in " ".join(line.split()) for line in lines), words


def deploys_nothing(cloud: ServingCloud) -> None:
    del cloud.outputs["ReleaseDigest"]


def deploys_another_release(cloud: ServingCloud) -> None:
    cloud.outputs["ReleaseDigest"] = "0" * 64


def is_updated_by_its_stack(cloud: ServingCloud) -> None:
    deploys_another_release(cloud)
    cloud.stack_status = "UPDATE_IN_PROGRESS"


def is_created_for_the_first_time(cloud: ServingCloud) -> None:
    deploys_nothing(cloud)
    cloud.endpoint["EndpointStatus"] = "Creating"


def is_updating_to_failure(cloud: ServingCloud) -> None:
    cloud.endpoint |= {"EndpointStatus": "Failed", "FailureReason": "no capacity"}


def was_rolled_back(cloud: ServingCloud) -> None:
    cloud.endpoint["EndpointConfigName"] = "config-0"


def names_no_configuration(cloud: ServingCloud) -> None:
    del cloud.outputs["RealtimeEndpointConfigName"]


def runs_another_model(cloud: ServingCloud) -> None:
    cloud.release = any_release(trained="second")


def answers_nonsense(cloud: ServingCloud) -> None:
    cloud.answer = [0.5, 0.9]


def may_not_be_looked_at(cloud: ServingCloud) -> None:
    cloud.denied = "DescribeEndpoint"


@pytest.mark.parametrize(
    ("different", "says"),
    [
        (
            deploys_nothing,
            rf"dev serves no release, but .*release {RELEASE.digest[:12]}",
        ),
        (deploys_another_release, r"serves release 000000000000, but .*darkroom deploy --env dev"),
        (
            is_updated_by_its_stack,
            r"dev is being updated \(stack darkroom-dev-serving is UPDATE_IN_PROGRESS\).*wait",
        ),
        (is_created_for_the_first_time, rf"{NAME} is Creating.*`darkroom deploy --env dev` does"),
        (is_updating_to_failure, r"status is 'Failed'.*no capacity"),
        (was_rolled_back, r"runs configuration config-0, but its stack made config-1"),
        (names_no_configuration, r"its stack names no configuration"),
        (runs_another_model, r"champion runs artifact .*not"),
        (answers_nonsense, r"probabilities that add up to 1\.4000"),
        (may_not_be_looked_at, r"not allowed in environment dev.*sagemaker:DescribeEndpoint"),
    ],
)
def test_anything_else_is_refused_by_what_was_found(
    place: Place, different: Callable[[ServingCloud], None], says: str
) -> None:
    cloud = ServingCloud(RELEASE)
    different(cloud)
    place.clouds.append(cloud)
    with pytest.raises(Refused, match=says):
        witness(place.session, RELEASE)


def test_every_role_that_answers_has_its_own_witness_and_a_shadow_has_none(
    place: Place,
) -> None:
    split = seen(place, ServingCloud(released(champion="first", challenger="second")))
    assert split.endpoints_of("challenger") == (NAME,)
    shadowed = seen(place, ServingCloud(released(champion="first", shadow="second")))
    assert shadowed.endpoints_of("champion") == (NAME,)
    with pytest.raises(Refused, match="answers as shadow: it gets copies"):
        shadowed.endpoints_of("shadow")
