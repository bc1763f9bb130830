"""The journey through the CLI, whole, against a local cloud of its own: photos to predictions.

One story told in order, because each stage lives on what the last one made; once plain, once
with every permission enforced and nobody using a root key after the bootstrap.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.journey import roles
from tests.journey.operator import ROOT_KEYS, Operator, copy_of_the_repository, free_port
from tests.processes import processes_below
from tests.releases import any_release

REALTIME, SERVERLESS = "darkroom-local-realtime", "darkroom-local-serverless"
# What the demo promises, with its own settings; quicker jobs, of which less can be expected.
DEMO = ((), 0.97, 0.95)
QUICK = (("--set", "epochs=2"), 0.8, 0.8)
OTHER = (("--set", "epochs=2", "--set", "learning_rate=0.001"), 0.8, 0.8)


@pytest.fixture(params=["plain", "enforced"])
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Operator]:
    folder = copy_of_the_repository(tmp_path / "darkroom")
    someone = Operator(folder=folder, port=free_port(), enforced=request.param == "enforced")
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
    prepared = prepares_once_and_uploads_nothing_twice(people.engineer)
    first, accuracy, right = QUICK if operator.enforced else DEMO
    releases_and_deploys(people, trains(people.engineer, first, accuracy))
    answers_rightly(people.engineer, prepared, right)
    metrics_are_in_cloudwatch(operator)
    misses_a_release_that_is_gone(people.pipeline)
    refuses_what_is_no_photo(people.engineer)
    before = what_runs(people.pipeline)
    second, accuracy, right = OTHER
    releases_and_deploys(people, trains(people.engineer, second, accuracy), plain_cdk=True)
    replaced_model_and_configuration_under_the_same_endpoint(people.pipeline, before)
    answers_rightly(people.engineer, prepared, right)
    if not operator.enforced:
        an_endpoint_outlives_a_killed_cloud(operator)
        a_training_job_killed_midway_ends_failed(operator)
    destroying_leaves_only_the_retained_buckets(people.pipeline, operator)


def deploys_nothing_before_the_bootstrap(operator: Operator) -> None:
    release = operator.folder / "config" / "releases" / "local.json"
    release.write_text(any_release("local", artifact_format="onnx").to_json(), encoding="utf-8")
    refusal = operator.is_refused("darkroom", "deploy", "--env", "local", "--yes")
    assert "environment local is not bootstrapped; run `darkroom bootstrap" in refusal
    release.unlink()


class People:
    """Who does what: an engineer prepares, trains, releases; a pipeline deploys."""

    def __init__(self, administrator: Operator, engineer: Operator, pipeline: Operator) -> None:
        self.administrator = administrator
        self.engineer = engineer
        self.pipeline = pipeline

    def may_use_the_endpoints(self) -> None:
        """The serving stack brings the permission to invoke; the administrator hands it out."""
        if not self.administrator.enforced:
            return
        outputs = stack_outputs(self.administrator, "darkroom-local-serving")
        self.administrator.client("iam").attach_role_policy(
            RoleName="Engineer", PolicyArn=outputs["ServingOperatorPolicyArn"]
        )


def people_of(operator: Operator) -> People:
    outputs = operator.gets_json("darkroom", "bootstrap", "--env", "local", "--yes")
    if not operator.enforced:
        return People(operator, operator, operator)
    roles.create_role(operator, "Engineer", [outputs["TrainingOperatorPolicyArn"]])
    roles.create_role(operator, "Pipeline", [outputs["DeployPolicyArn"]])
    engineer, pipeline = (
        Operator(
            folder=operator.folder,
            port=operator.port,
            enforced=True,
            keys=roles.assume(operator, role),
        )
        for role in ("Engineer", "Pipeline")
    )
    assert ROOT_KEYS["AWS_ACCESS_KEY_ID"] not in engineer.keys.values()
    return People(operator, engineer, pipeline)


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


def refuses_what_is_no_photo(operator: Operator) -> None:
    too_large = operator.folder / "too-large.png"
    too_large.write_bytes(max(operator.folder.glob("photos/*/*.png")).read_bytes())
    with too_large.open("ab") as file:
        file.truncate(4 * 1024 * 1024 + 1)
    for name, reason in {
        "too-large.png": "4,194,305 bytes; limit: at most 4,194,304 bytes",
        "cdk.json": "format: text; limit: PNG or JPEG",
        "missing.png": "no such file",
    }.items():
        assert reason in operator.is_refused("darkroom", "invoke", name, "--env", "local")
    misspelt = operator.is_refused("darkroom", "train", "--env", "local", "--set", "epoch=3")
    assert "epochs" in misspelt


def prepares_once_and_uploads_nothing_twice(operator: Operator) -> Any:
    operator.gets("python", "-m", "examples.digits", "photos")
    first = operator.gets_json("darkroom", "prepare", "photos", "--env", "local")
    again = operator.gets_json("darkroom", "prepare", "photos", "--env", "local")
    assert first["dataset_id"] == again["dataset_id"]
    assert first["uploaded_images"] > 1700
    assert again["uploaded_images"] == 0
    assert len(first["rejected"]) == 3
    return first


def trains(operator: Operator, choices: tuple[str, ...], accuracy: float) -> Any:
    words = ("darkroom", "train", "--env", "local", *choices)
    trained = operator.gets_json(*words)
    assert trained["validation_accuracy"] >= accuracy
    assert Path(trained["plot"]).is_file()
    again = operator.gets_json(*words)
    assert again["reused"]
    assert again["training_job_name"] == trained["training_job_name"]
    waiter = operator.client("sagemaker").get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName=trained["training_job_name"])
    return trained


def releases_and_deploys(people: People, trained: Any, *, plain_cdk: bool = False) -> None:
    job = trained["training_job_name"]
    released = people.engineer.gets_json("darkroom", "release", job, "--env", "local")
    assert released["champion"] == job
    if plain_cdk:
        deployed = people.pipeline.cdk("deploy", "local/*", "--require-approval", "never")
        assert deployed.returncode == 0, deployed.stderr
    # After the plain CDK this changes nothing, and proves what runs.
    people.pipeline.gets("darkroom", "deploy", "--env", "local", "--yes")
    people.may_use_the_endpoints()
    waiter = people.pipeline.client("sagemaker").get_waiter("endpoint_in_service")
    for name in (REALTIME, SERVERLESS):
        waiter.wait(EndpointName=name)


def answers_rightly(operator: Operator, prepared: Any, right: float) -> None:
    assert len(prepared["classes"]) == 10
    photo = max(operator.folder.glob("photos/*/*.png"))
    for kind in ("realtime", "serverless"):
        answer = operator.gets_json(
            "darkroom", "invoke", str(photo), "--env", "local", "--endpoint", kind, "--top", "10"
        )
        probabilities = [row["probability"] for row in answer["predictions"]]
        assert len(probabilities) == 10
        assert sum(probabilities) == pytest.approx(1, abs=1e-3)
    operator.gets("python", "-m", "examples.score", "--env", "local", "--at-least", str(right))


def metrics_are_in_cloudwatch(administrator: Operator) -> None:
    """SageMaker publishes them with the roles' own permissions, a moment after the fact."""
    cloudwatch = administrator.client("cloudwatch")

    def known(namespace: str) -> set[str]:
        found = cloudwatch.list_metrics(Namespace=namespace)["Metrics"]
        return {metric["MetricName"] for metric in found}

    give_up = time.monotonic() + 60
    while "Invocations" not in known("AWS/SageMaker"):
        assert time.monotonic() < give_up, "no Invocations in AWS/SageMaker after a minute"
        time.sleep(0.5)
    assert known("/aws/sagemaker/TrainingJobs") >= {"train:accuracy", "validation:accuracy"}


def misses_a_release_that_is_gone(pipeline: Operator) -> None:
    """Deploying without it would leave the old stack standing and say that all is well (D3)."""
    release = pipeline.folder / "config" / "releases" / "local.json"
    text = release.read_bytes()
    release.unlink()
    refusal = pipeline.is_refused("darkroom", "deploy", "--env", "local", "--yes")
    assert "stack darkroom-local-serving is deployed" in refusal
    assert "npx cdk destroy 'local/Serving'" in refusal
    release.write_bytes(b'{"schema": 1}')
    damaged = pipeline.is_refused("darkroom", "deploy", "--env", "local", "--yes")
    assert "config/releases/local.json lacks the member" in damaged
    release.write_bytes(text)


def what_runs(operator: Operator) -> dict[str, Any]:
    sagemaker = operator.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=REALTIME)
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    return {
        "endpoint": (endpoint["EndpointArn"], endpoint["CreationTime"]),
        "config": endpoint["EndpointConfigName"],
        "model": config["ProductionVariants"][0]["ModelName"],
    }


def replaced_model_and_configuration_under_the_same_endpoint(
    operator: Operator, before: dict[str, Any]
) -> None:
    after = what_runs(operator)
    assert after["endpoint"] == before["endpoint"]
    assert after["config"] != before["config"]
    assert after["model"] != before["model"]
    sagemaker = operator.client("sagemaker")
    with pytest.raises(ClientError, match="Could not find"):
        sagemaker.describe_endpoint_config(EndpointConfigName=before["config"])
    with pytest.raises(ClientError, match="Could not find"):
        sagemaker.describe_model(ModelName=before["model"])


def an_endpoint_outlives_a_killed_cloud(operator: Operator) -> None:
    operator.kills_the_cloud()
    operator.starts_the_cloud()
    sagemaker = operator.client("sagemaker")
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=REALTIME, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    operator.gets("python", "-m", "examples.score", "--env", "local", "--at-least", "0.8")
    assert stack_outputs(operator, "darkroom-local-serving")["RealtimeEndpointName"] == REALTIME


def a_training_job_killed_midway_ends_failed(operator: Operator) -> None:
    import psutil

    request = json.loads(
        operator.gets("darkroom", "train", "--env", "local", "--set", "epochs=500", "--dry-run")
    )
    name = request["training_job_name"]
    following = operator.starts("darkroom", "train", "--env", "local", "--set", "epochs=500")
    operator.waits_until_it_logs(name, "Epoch[0] Validation-accuracy")
    unfinished = operator.is_refused("darkroom", "release", name, "--env", "local")
    assert "is still InProgress" in unfinished
    container = next(
        process
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"]
        and process.info["cmdline"][-2:] == ["algorithm", "train"]
        and operator.owns(process)
    )
    container.kill()
    _, progress = following.communicate(timeout=120)
    assert following.returncode == 1
    assert f"training job {name} ended Failed: AlgorithmError" in progress.splitlines()[-1]
    job = operator.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "Failed"
    refusal = operator.is_refused("darkroom", "release", name, "--env", "local")
    assert "ended Failed: AlgorithmError" in refusal


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
    assert len(ours) == 3  # datasets, artifacts, access logs
    roles_left = administrator.client("iam").list_roles()["Roles"]
    assert not [role for role in roles_left if role["RoleName"].startswith("darkroom-local-")]


def stack_outputs(operator: Operator, stack: str) -> dict[str, str]:
    described = operator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {row["OutputKey"]: row["OutputValue"] for row in described["Outputs"]}
