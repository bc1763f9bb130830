"""From a trained model to endpoints that answer rightly, and what a deployment refuses."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.journey.operator import Operator
from tests.journey.people import People

REALTIME, SERVERLESS = "darkroom-local-realtime", "darkroom-local-serverless"


def releases_and_deploys(people: People, trained: Any) -> None:
    releases(people.engineer, trained)
    deployed = people.pipeline.gets_json("darkroom", "deploy", "--env", "local", "--yes")
    assert {each["name"] for each in deployed["endpoints"]} == {REALTIME, SERVERLESS}
    assert deployed["proof"]["differences"] == []
    people.may_use_the_endpoints()
    waiter = people.pipeline.client("sagemaker").get_waiter("endpoint_in_service")
    for name in (REALTIME, SERVERLESS):
        waiter.wait(EndpointName=name)


def releases(engineer: Operator, trained: Any) -> None:
    job = trained["training_job_name"]
    released = engineer.gets_json("darkroom", "release", job, "--env", "local")
    assert released["champion"] == job


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
    assert operator.outputs_of("serving")["RealtimeEndpointName"] == REALTIME
