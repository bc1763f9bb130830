"""The journey through the CLI, whole, against a local cloud of its own: photos to predictions.

One story told in order, because each stage lives on what the last one made; once plain, once
with every permission enforced and nobody using a root key after the bootstrap.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import copy_of_the_repository
from tests.journey import release_story, roles, traffic_story, training_story, updates
from tests.journey.operator import Operator, free_port
from tests.journey.people import People, people_of
from tests.processes import processes_below
from tests.releases import any_release

# What the demo promises, with its own settings; quicker jobs, of which less can be expected.
Promise = tuple[tuple[str, ...], float, float]
DEMO: Promise = ((), 0.97, 0.95)
QUICK: Promise = (("--set", "epochs=2"), 0.8, 0.8)
OTHER: Promise = (("--set", "epochs=2", "--set", "learning_rate=0.001"), 0.8, 0.8)
PACE = 10
"""The 20 seconds for which an update is watched become 2."""


@pytest.fixture(params=["plain", "enforced"])
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Operator]:
    folder = copy_of_the_repository(tmp_path / "darkroom")
    enforced = request.param == "enforced"
    someone = Operator(folder=folder, port=free_port(), enforced=enforced, pace=PACE)
    someone.starts_the_cloud()
    try:
        yield someone
    finally:
        someone.stops_the_cloud()
        assert processes_below(folder) == []


@pytest.mark.timeout(600)
def test_the_journey_from_photos_to_a_served_prediction_and_back(operator: Operator) -> None:
    deploys_nothing_before_the_bootstrap(operator)
    people = people_of(operator)
    refuses_what_comes_too_early(people.engineer, people.pipeline)
    prepared = training_story.prepares_once_and_uploads_nothing_twice(people.engineer)
    choices, accuracy, right = QUICK if operator.enforced else DEMO
    champion = training_story.trains(people.engineer, choices, accuracy)
    release_story.releases_and_deploys(people, champion)
    release_story.answers_rightly(people.engineer, prepared, right)
    release_story.metrics_are_in_cloudwatch(operator)
    release_story.misses_a_release_that_is_gone(people.pipeline)
    release_story.refuses_what_is_no_photo(people.engineer)
    choices, accuracy, _ = OTHER
    second = training_story.trains(people.engineer, choices, accuracy)
    if operator.enforced:
        two_models_share_the_endpoint(people, champion, second)
    else:
        one_model_follows_another(people, prepared, champion, second)
    destroying_leaves_only_the_retained_buckets(people.pipeline, operator)


def two_models_share_the_endpoint(people: People, champion: Any, second: Any) -> None:
    traffic_story.a_challenger_shares_the_traffic(people, champion, second)
    traffic_story.a_shadow_answers_beside_the_champion(people, champion, second)
    people.may_do_no_more_than_their_work()


def one_model_follows_another(people: People, prepared: Any, champion: Any, second: Any) -> None:
    bootstrapping_again_asks_for_nothing(people.administrator)
    updates.an_update_that_goes_wrong_is_told_and_undone(people, champion)
    before = release_story.what_runs(people.pipeline)
    release_story.releases(people.engineer, second)
    updates.a_deployment_is_interrupted_and_repeated(people)
    release_story.replaced_model_and_configuration_under_the_same_endpoint(people.pipeline, before)
    release_story.answers_rightly(people.engineer, prepared, OTHER[2])
    release_story.an_endpoint_outlives_a_killed_cloud(people.administrator)
    training_story.a_training_job_killed_midway_ends_failed(people.engineer)


def deploys_nothing_before_the_bootstrap(operator: Operator) -> None:
    release = operator.folder / "config" / "releases" / "local.json"
    release.write_text(any_release("local", artifact_format="onnx").to_json(), encoding="utf-8")
    refusal = operator.is_refused("darkroom", "deploy", "--env", "local", "--yes")
    assert "environment local is not bootstrapped; run `darkroom bootstrap" in refusal
    release.unlink()


def bootstrapping_again_asks_for_nothing(administrator: Operator) -> None:
    repeated = administrator.types("darkroom", "bootstrap", "--env", "local")
    assert repeated.returncode == 0, repeated.stderr
    assert "nothing to deploy: every foundation stack is as it should be" in repeated.stderr


def refuses_what_comes_too_early(engineer: Operator, pipeline: Operator) -> None:
    local = ("--env", "local")
    assert "run `darkroom prepare FOLDER" in engineer.is_refused("darkroom", "train", *local)
    refusal = engineer.is_refused("darkroom", "train", *local, "--dataset", "0123")
    assert "has no dataset 0123; it has none" in refusal
    nobody = engineer.is_refused("darkroom", "release", "darkroom-local-nobody", *local)
    assert "training job darkroom-local-nobody does not exist" in nobody
    refusal = pipeline.is_refused("darkroom", "deploy", *local, "--yes")
    assert "has no release" in refusal
    assert "darkroom release JOB" in refusal
    assert "has no release" in engineer.is_refused("darkroom", "invoke", "cdk.json", *local)


def destroying_leaves_only_the_retained_buckets(
    pipeline: Operator, administrator: Operator
) -> None:
    # The pipeline removes what it deploys; what the administrator made, including the
    # pipeline's own permissions, the administrator removes.
    for someone, stacks in ((pipeline, "local/Serving"), (administrator, "local/*")):
        if someone is administrator and administrator.enforced:
            roles.detach_policies(administrator, "Engineer", "Pipeline")
        destroyed = someone.cdk("destroy", stacks, "--force")
        assert destroyed.returncode == 0, destroyed.stderr
    sagemaker = administrator.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_models()["Models"] == []
    stacks = administrator.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in stacks] == ["CDKToolkit"]
    names = [bucket["Name"] for bucket in administrator.client("s3").list_buckets()["Buckets"]]
    ours = [name for name in names if name.startswith("darkroom-local-data-")]
    assert len(ours) == 4  # datasets, artifacts, captured traffic, access logs
    roles_left = administrator.client("iam").list_roles()["Roles"]
    assert not [role for role in roles_left if role["RoleName"].startswith("darkroom-local-")]
