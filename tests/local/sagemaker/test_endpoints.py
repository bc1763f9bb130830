"""Endpoints as real model servers: created, invoked, updated, scaled, broken, deleted."""

import io
import json
import tarfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.sagemaker.errors import ApiError
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.conftest import QUICK, Start
from tests.local.sagemaker.emulator import FORBIDDEN_ROLE, SCOPE, client
from tests.local.sagemaker.invoking import agents, ask, describe, gone, refusal, report, total
from tests.local.sagemaker.requests import (
    capture_config,
    config_request,
    deploy,
    instance_variant,
    model_request,
    serverless_variant,
    until,
)

INSTANCES = "/aws/sagemaker/Endpoints"


@pytest.fixture
def model(sagemaker: SageMaker, model_data_url: str) -> str:
    sagemaker.call(SCOPE, "CreateModel", model_request("model", model_data_url))
    return "model"


def servers(sagemaker: SageMaker, endpoint: str, asked: int = 30) -> set[int]:
    """The processes that answer."""
    return {report(ask(sagemaker, endpoint))["pid"] for _ in range(asked)}


def test_an_endpoint_serves_its_model(sagemaker: SageMaker, model: str) -> None:
    description = deploy(sagemaker, "first", instance_variant("main", model))
    assert description["EndpointStatus"] == "InService", description.get("FailureReason")
    answer = ask(
        sagemaker,
        "first",
        b"picture",
        content_type="image/png",
        accept="application/json",
        custom_attributes="trace=1",
        inference_id="id-1",
    )
    assert answer.status == 200
    assert answer.headers == {
        "Content-Type": "application/json",
        "x-Amzn-Invoked-Production-Variant": "main",
        "X-Amzn-SageMaker-Custom-Attributes": "from-the-model",
    }
    seen = report(answer)
    assert seen["size"] == len(b"picture")
    assert seen["model"] == ["weights.bin"]
    assert seen["headers"]["content-type"] == "image/png"
    assert seen["headers"]["accept"] == "application/json"
    assert seen["headers"]["x-amzn-sagemaker-custom-attributes"] == "trace=1"
    assert seen["headers"]["x-amzn-sagemaker-inference-id"] == "id-1"


def test_a_description_tells_what_is_deployed(sagemaker: SageMaker, model: str) -> None:
    description = deploy(sagemaker, "Described", instance_variant("main", model))
    assert description["EndpointArn"].endswith(":endpoint/described")
    assert description["EndpointConfigName"] == "Described-config"
    (variant,) = description["ProductionVariants"]
    assert variant["VariantName"] == "main"
    assert variant["CurrentWeight"] == variant["DesiredWeight"] == 1.0
    assert variant["CurrentInstanceCount"] == variant["DesiredInstanceCount"] == 1
    assert variant["DeployedImages"][0]["SpecifiedImage"].endswith("/tiny:1")
    assert "FailureReason" not in description
    assert "PendingDeploymentSummary" not in description
    with pytest.raises(ApiError, match="Cannot create already existing endpoint"):
        sagemaker.call(
            SCOPE,
            "CreateEndpoint",
            {"EndpointName": "described", "EndpointConfigName": "Described-config"},
        )


def test_weights_share_the_traffic_and_a_target_overrides_them(
    sagemaker: SageMaker, model: str
) -> None:
    deploy(
        sagemaker,
        "weighted",
        instance_variant("a", model, InitialVariantWeight=3.0),
        instance_variant("b", model, InitialVariantWeight=1.0),
        instance_variant("silent", model, InitialVariantWeight=0.0),
    )
    header = "x-Amzn-Invoked-Production-Variant"
    answered = Counter(ask(sagemaker, "weighted").headers[header] for _ in range(400))
    assert answered["silent"] == 0
    assert 240 < answered["a"] < 360  # 300 expected; beyond is less likely than 1 in 10 million
    assert ask(sagemaker, "weighted", target_variant="silent").headers[header] == "silent"
    assert refusal(sagemaker, "weighted", target_variant="nobody").code == "ValidationError"

    sagemaker.call(
        SCOPE,
        "UpdateEndpointWeightsAndCapacities",
        {
            "EndpointName": "weighted",
            "DesiredWeightsAndCapacities": [
                {"VariantName": "a", "DesiredWeight": 0.0},
                {"VariantName": "silent", "DesiredWeight": 1.0},
                {"VariantName": "b", "DesiredWeight": 0.0},
            ],
        },
    )
    sagemaker.wait_until_settled(SCOPE, "weighted")
    assert {ask(sagemaker, "weighted").headers[header] for _ in range(20)} == {"silent"}


def test_every_instance_of_a_variant_answers_and_their_number_can_change(
    sagemaker: SageMaker, model: str
) -> None:
    deploy(sagemaker, "scaled", instance_variant("main", model, InitialInstanceCount=2))
    assert len(servers(sagemaker, "scaled")) == 2
    for count in (3, 1):
        change = {"VariantName": "main", "DesiredInstanceCount": count}
        sagemaker.call(
            SCOPE,
            "UpdateEndpointWeightsAndCapacities",
            {"EndpointName": "scaled", "DesiredWeightsAndCapacities": [change]},
        )
        (variant,) = sagemaker.wait_until_settled(SCOPE, "scaled")["ProductionVariants"]
        assert variant["CurrentInstanceCount"] == count
        assert len(servers(sagemaker, "scaled", 60)) == count


def test_container_errors_are_model_errors(sagemaker: SageMaker, model: str) -> None:
    deploy(sagemaker, "errors", instance_variant("main", model))
    error = refusal(sagemaker, "errors", b"status:415")
    assert (error.code, error.http_status) == ("ModelError", 424)
    assert error.message is not None
    assert error.message.startswith(
        'Received client error (415) from primary with message "the model says no". See https://'
    )
    assert error.members == {
        "OriginalStatusCode": 415,
        "OriginalMessage": "the model says no",
        "LogStreamArn": (
            "arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/errors"
        ),
    }
    assert "server error (503)" in str(refusal(sagemaker, "errors", b"status:503"))


def test_a_slow_model_times_out_as_a_model_error(start: Start, model_data_url: str) -> None:
    sagemaker = start(replace(QUICK, invocation_seconds=0.3))
    sagemaker.call(SCOPE, "CreateModel", model_request("model", model_data_url))
    deploy(sagemaker, "slow", instance_variant("main", "model"))
    error = refusal(sagemaker, "slow", b"sleep:5")
    assert error.code == "ModelError"
    assert "Your invocation timed out while waiting for a response" in str(error)
    assert ask(sagemaker, "slow").status == 200


def test_requests_and_responses_above_the_limit_are_refused(
    start: Start, model_data_url: str
) -> None:
    sagemaker = start(replace(QUICK, realtime_payload_bytes=1000, serverless_payload_bytes=500))
    sagemaker.call(SCOPE, "CreateModel", model_request("model", model_data_url))
    deploy(sagemaker, "limited", instance_variant("main", "model"))
    assert ask(sagemaker, "limited", bytes(1000)).status == 200
    error = refusal(sagemaker, "limited", bytes(1001))
    assert (error.code, error.http_status) == ("ValidationError", 413)
    assert "1001 bytes" in str(error)
    assert "1000 bytes" in str(error)
    assert ask(sagemaker, "limited", b"large:1000").status == 200
    assert refusal(sagemaker, "limited", b"large:1001").code == "ModelError"
    deploy(sagemaker, "limited-serverless", serverless_variant("main", "model"))
    assert "limit of 500 bytes" in str(refusal(sagemaker, "limited-serverless", bytes(501)))


def test_an_unknown_endpoint_or_another_spelling_is_not_found(
    sagemaker: SageMaker, model: str
) -> None:
    deploy(sagemaker, "Spelt", instance_variant("main", model))
    assert ask(sagemaker, "Spelt").status == 200
    for name in ("nobody", "spelt"):
        error = refusal(sagemaker, name)
        assert (error.code, error.http_status) == ("ValidationError", 400)
        assert error.message == f"Endpoint {name} of account 000000000000 not found."


def test_an_update_switches_to_the_new_model_without_a_gap(
    sagemaker: SageMaker, model: str, model_data_url: str, tmp_path: Path
) -> None:
    deploy(sagemaker, "moving", instance_variant("main", model))
    old = servers(sagemaker, "moving", 1)
    ready = tmp_path / "ready"  # the second model is healthy once this is there
    environment = {"MY_VARIABLE": "second", "READY_FILE": str(ready)}
    second = model_request("second", model_data_url, Environment=environment)
    sagemaker.call(SCOPE, "CreateModel", second)
    config = config_request("moving-2", instance_variant("main", "second"))
    sagemaker.call(SCOPE, "CreateEndpointConfig", config)
    update = {"EndpointName": "moving", "EndpointConfigName": "moving-2"}
    sagemaker.call(SCOPE, "UpdateEndpoint", update)
    updating = describe(sagemaker, "moving")
    assert updating["EndpointStatus"] == "Updating"
    assert updating["EndpointConfigName"] == "moving-config"
    assert updating["PendingDeploymentSummary"]["EndpointConfigName"] == "moving-2"
    with pytest.raises(ApiError, match="Cannot update in-progress endpoint"):
        sagemaker.call(SCOPE, "UpdateEndpoint", update)
    assert servers(sagemaker, "moving") == old
    ready.touch()
    answered = [report(ask(sagemaker, "moving"))["environment"]]
    while describe(sagemaker, "moving")["EndpointStatus"] == "Updating":
        answered.append(report(ask(sagemaker, "moving"))["environment"])
    answered.append(report(ask(sagemaker, "moving"))["environment"])
    assert answered == sorted(answered, key=lambda each: each is not None)  # old ones first
    assert answered[-1] == "second"
    description = describe(sagemaker, "moving")
    assert description["EndpointConfigName"] == "moving-2"
    until(lambda: not any(psutil.pid_exists(pid) for pid in old))


def test_a_failed_update_leaves_the_old_model_serving_and_says_why(
    sagemaker: SageMaker, model: str, model_data_url: str
) -> None:
    deploy(sagemaker, "kept", instance_variant("main", model))
    broken = model_request("broken", model_data_url, Environment={"EXIT": "3"})
    sagemaker.call(SCOPE, "CreateModel", broken)
    config = config_request("kept-2", instance_variant("main", "broken"))
    sagemaker.call(SCOPE, "CreateEndpointConfig", config)
    update = {"EndpointName": "kept", "EndpointConfigName": "kept-2"}
    sagemaker.call(SCOPE, "UpdateEndpoint", update)
    description = sagemaker.wait_until_settled(SCOPE, "kept")
    assert description["EndpointStatus"] == "InService"
    assert description["EndpointConfigName"] == "kept-config"
    assert "did not pass the ping health check" in description["FailureReason"]
    assert ask(sagemaker, "kept").status == 200


def test_an_update_keeps_what_it_is_told_to_keep(sagemaker: SageMaker, model: str) -> None:
    deploy(sagemaker, "retained", instance_variant("main", model, InitialVariantWeight=1.0))
    change = {"VariantName": "main", "DesiredInstanceCount": 2, "DesiredWeight": 5.0}
    sagemaker.call(
        SCOPE,
        "UpdateEndpointWeightsAndCapacities",
        {"EndpointName": "retained", "DesiredWeightsAndCapacities": [change]},
    )
    sagemaker.wait_until_settled(SCOPE, "retained")
    keep: dict[str, Any] = {"RetainAllVariantProperties": True}
    but_weight = {"ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}]}
    seen: list[tuple[int, float]] = []
    for weight, properties in ((0.5, keep | but_weight), (0.25, keep), (0.125, {})):
        name = f"retained-{len(seen)}"
        variant = instance_variant("main", model, InitialVariantWeight=weight)
        sagemaker.call(SCOPE, "CreateEndpointConfig", config_request(name, variant))
        update = {"EndpointName": "retained", "EndpointConfigName": name, **properties}
        sagemaker.call(SCOPE, "UpdateEndpoint", update)
        (shown,) = sagemaker.wait_until_settled(SCOPE, "retained")["ProductionVariants"]
        seen.append((shown["CurrentInstanceCount"], shown["CurrentWeight"]))
    assert seen == [(2, 0.5), (2, 0.5), (1, 0.125)]
    assert len(servers(sagemaker, "retained")) == 1


@pytest.mark.parametrize(
    ("changes", "role", "said"),
    [
        ({"Image": "unknown:1"}, None, "Please make sure all images included in the model"),
        ({"ModelDataUrl": "s3://BUCKET/absent.tar.gz"}, None, "NoSuchKey (404): s3:GetObject on"),
        ({"Environment": {"EXIT": "3"}}, None, "did not pass the ping health check"),
        ({"Environment": {"PING": "no"}}, None, "did not pass the ping health check"),
        ({"Image": "absent-program:1"}, None, "/nonexistent/program"),
        ({}, FORBIDDEN_ROLE, "unable to assume the role"),
    ],
)
@pytest.mark.parametrize("kind", ["instance", "serverless"])
def test_what_cannot_be_served_ends_in_failed_with_the_reason(
    start: Start,
    bucket: str,
    model_data_url: str,
    changes: dict[str, Any],
    role: str | None,
    said: str,
    kind: str,
) -> None:
    quick = replace(QUICK, startup_health_check_seconds=1.5, serverless_startup_seconds=1.5)
    sagemaker = start(quick)
    request = model_request("model", model_data_url)
    request["PrimaryContainer"] |= json.loads(json.dumps(changes).replace("BUCKET", bucket))
    if role:
        request["ExecutionRoleArn"] = role
    sagemaker.call(SCOPE, "CreateModel", request)
    variant = instance_variant if kind == "instance" else serverless_variant
    description = deploy(sagemaker, "broken", variant("main", "model"))
    assert description["EndpointStatus"] == "Failed"
    assert said in description["FailureReason"]
    assert description["EndpointConfigName"] == "broken-config"
    assert refusal(sagemaker, "broken").code == "ValidationError"
    sagemaker.call(SCOPE, "DeleteEndpoint", {"EndpointName": "broken"})
    until(lambda: gone(sagemaker, "broken"))


@pytest.mark.parametrize("name", ["../outside", "/outside", "link"])
def test_an_artifact_that_leads_out_of_its_directory_is_refused(
    sagemaker: SageMaker, s3: Any, bucket: str, name: str
) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member, io.BytesIO())
    s3.put_object(Bucket=bucket, Key="evil.tar.gz", Body=archive.getvalue())
    request = model_request("evil", f"s3://{bucket}/evil.tar.gz")
    sagemaker.call(SCOPE, "CreateModel", request)
    description = deploy(sagemaker, "evil", instance_variant("main", "evil"))
    assert description["EndpointStatus"] == "Failed"
    assert "Failed to extract model data archive" in description["FailureReason"]


def test_a_server_that_dies_is_reported_and_replaced(sagemaker: SageMaker, model: str) -> None:
    deploy(sagemaker, "mortal", instance_variant("main", model))
    (first,) = servers(sagemaker, "mortal", 1)
    error = refusal(sagemaker, "mortal", b"die:")
    assert error.code == "ModelError"

    def replaced() -> bool:
        try:
            return servers(sagemaker, "mortal", 1) != {first}
        except ApiError as refused:
            if refused.code not in ("ServiceUnavailable", "ModelError"):
                raise
            return False

    until(replaced)
    assert describe(sagemaker, "mortal")["EndpointStatus"] == "InService"


def test_an_endpoint_moves_from_serverless_to_instances_but_not_back(
    sagemaker: SageMaker, model: str
) -> None:
    deploy(sagemaker, "one-way", serverless_variant("main", model))
    config = config_request("instances", instance_variant("main", model))
    sagemaker.call(SCOPE, "CreateEndpointConfig", config)
    update = {"EndpointName": "one-way", "EndpointConfigName": "instances"}
    sagemaker.call(SCOPE, "UpdateEndpoint", update)
    assert sagemaker.wait_until_settled(SCOPE, "one-way")["EndpointConfigName"] == "instances"
    with pytest.raises(ApiError, match="it already uses"):
        sagemaker.call(SCOPE, "UpdateEndpoint", update)
    back = {"EndpointName": "one-way", "EndpointConfigName": "one-way-config"}
    with pytest.raises(ApiError, match="instance-based endpoint"):
        sagemaker.call(SCOPE, "UpdateEndpoint", back)


def test_models_and_configurations_may_go_while_the_endpoint_stays(
    sagemaker: SageMaker, model: str
) -> None:
    deploy(sagemaker, "lone", instance_variant("main", model))
    sagemaker.call(SCOPE, "DeleteEndpointConfig", {"EndpointConfigName": "lone-config"})
    sagemaker.call(SCOPE, "DeleteModel", {"ModelName": model})
    change = {"VariantName": "main", "DesiredInstanceCount": 2}
    sagemaker.call(
        SCOPE,
        "UpdateEndpointWeightsAndCapacities",
        {"EndpointName": "lone", "DesiredWeightsAndCapacities": [change]},
    )
    sagemaker.wait_until_settled(SCOPE, "lone")
    assert len(servers(sagemaker, "lone")) == 2


def test_deleting_ends_the_processes_and_frees_the_name(sagemaker: SageMaker, model: str) -> None:
    deploy(sagemaker, "brief", instance_variant("main", model, InitialInstanceCount=2))
    pids = servers(sagemaker, "brief")
    sagemaker.call(SCOPE, "DeleteEndpoint", {"EndpointName": "brief"})
    assert refusal(sagemaker, "brief").code == "ValidationError"
    until(lambda: gone(sagemaker, "brief"))
    assert not any(psutil.pid_exists(pid) for pid in pids)
    request = {"EndpointName": "brief", "EndpointConfigName": "brief-config"}
    sagemaker.call(SCOPE, "CreateEndpoint", request)
    assert sagemaker.wait_until_settled(SCOPE, "brief")["EndpointStatus"] == "InService"


def test_deleting_an_endpoint_that_is_being_created_leaves_nothing(
    sagemaker: SageMaker, model_data_url: str
) -> None:
    never = model_request("never", model_data_url, Environment={"PING": "no"})
    sagemaker.call(SCOPE, "CreateModel", never)
    variant = instance_variant("main", "never")
    sagemaker.call(SCOPE, "CreateEndpointConfig", config_request("early", variant))
    request = {"EndpointName": "early", "EndpointConfigName": "early"}
    sagemaker.call(SCOPE, "CreateEndpoint", request)
    sagemaker.call(SCOPE, "DeleteEndpoint", {"EndpointName": "early"})
    until(lambda: gone(sagemaker, "early"))
    until(lambda: not agents())


def test_after_a_restart_endpoints_answer_again(start: Start, model_data_url: str) -> None:
    before = start()
    before.call(SCOPE, "CreateModel", model_request("model", model_data_url))
    capturing = {"DataCaptureConfig": capture_config("bucket")}
    deployed = deploy(before, "lasting", instance_variant("main", "model"), **capturing)
    deploy(before, "lasting-serverless", serverless_variant("main", "model"))
    state = json.loads(json.dumps(before.snapshot()))
    before.shutdown()
    after = start()
    after.restore(state)
    assert ask(after, "lasting").status == 200
    assert ask(after, "lasting-serverless").status == 200
    assert after.wait_until_settled(SCOPE, "lasting")["EndpointStatus"] == "InService"
    # Held against the service model on its way, where a number that became another type shows.
    assert describe(after, "lasting")["DataCaptureConfig"] == deployed["DataCaptureConfig"]
    assert after.snapshot()["model"] == state["model"]


def test_an_update_interrupted_by_a_restart_goes_on(start: Start, model_data_url: str) -> None:
    before = start()
    before.call(SCOPE, "CreateModel", model_request("model", model_data_url))
    deploy(before, "resumed", instance_variant("main", "model"))
    config = config_request("resumed-2", instance_variant("main", "model"))
    before.call(SCOPE, "CreateEndpointConfig", config)
    update = {"EndpointName": "resumed", "EndpointConfigName": "resumed-2"}
    before.call(SCOPE, "UpdateEndpoint", update)
    state = json.loads(json.dumps(before.snapshot()))
    before.shutdown()
    after = start()
    after.restore(state)
    assert after.wait_until_settled(SCOPE, "resumed")["EndpointConfigName"] == "resumed-2"
    assert ask(after, "resumed").status == 200


def test_reset_forgets_everything_and_ends_every_process(sagemaker: SageMaker, model: str) -> None:
    deploy(sagemaker, "forgotten", instance_variant("main", model))
    (pid,) = servers(sagemaker, "forgotten", 1)
    sagemaker.reset()
    assert not psutil.pid_exists(pid)
    assert sagemaker.call(SCOPE, "ListEndpoints", {}) == {"Endpoints": []}
    assert sagemaker.call(SCOPE, "ListModels", {}) == {"Models": []}


def test_an_isolated_model_is_given_no_credentials(sagemaker: SageMaker, model: str) -> None:
    isolated = model_request("isolated", None) | {"EnableNetworkIsolation": True}
    sagemaker.call(SCOPE, "CreateModel", isolated)
    deploy(sagemaker, "alone", instance_variant("main", "isolated"))
    assert report(ask(sagemaker, "alone"))["aws"] == ["AWS_DEFAULT_REGION", "AWS_REGION"]
    deploy(sagemaker, "connected", instance_variant("main", model))
    assert "AWS_SECRET_ACCESS_KEY" in report(ask(sagemaker, "connected"))["aws"]


def test_metrics_are_published_as_often_as_the_configuration_says(
    sagemaker: SageMaker, model: str, emulator_url: str
) -> None:
    seldom = {"MetricsConfig": {"MetricPublishFrequencyInSeconds": 300}}
    description = deploy(sagemaker, "seldom", instance_variant("main", model), **seldom)
    assert description["MetricsConfig"] == seldom["MetricsConfig"]
    deploy(sagemaker, "often", instance_variant("main", model))
    for name in ("seldom", "often"):
        ask(sagemaker, name)

    def invocations(name: str) -> float:
        return total(emulator_url, "Invocations", EndpointName=name, VariantName="main")

    until(lambda: invocations("often") == 1)
    assert invocations("seldom") == 0
    sagemaker.call(SCOPE, "DeleteEndpoint", {"EndpointName": "seldom"})
    until(lambda: invocations("seldom") == 1)


def test_an_instance_publishes_how_busy_it_is(start: Start, emulator_url: str) -> None:
    sagemaker = start(replace(QUICK, utilization_seconds=0.2))
    sagemaker.call(SCOPE, "CreateModel", model_request("model", None))
    deploy(sagemaker, "busy", instance_variant("main", "model"))

    def mean(metric: str, **statistic: str) -> float:
        where = {"EndpointName": "busy", "VariantName": "main"}
        return total(emulator_url, metric, namespace=INSTANCES, **statistic, **where)

    until(lambda: mean("CPUUtilization", statistic="SampleCount") >= 2)
    assert 0 < mean("MemoryUtilization", statistic="Maximum") < 100
    assert mean("CPUUtilization", statistic="Minimum") >= 0


def test_traffic_and_logs_are_in_cloudwatch(
    sagemaker: SageMaker, model: str, emulator_url: str
) -> None:
    deploy(sagemaker, "observed", instance_variant("main", model))
    for _ in range(5):
        ask(sagemaker, "observed")
    refusal(sagemaker, "observed", b"status:400")

    def count(metric: str, statistic: str = "Sum") -> float:
        where = {"EndpointName": "observed", "VariantName": "main"}
        return total(emulator_url, metric, statistic=statistic, **where)

    until(lambda: count("Invocations") == 6)
    assert count("Invocation4XXErrors") == 1
    assert count("Invocation5XXErrors") == 0
    assert count("ModelLatency", "SampleCount") == 6
    assert count("OverheadLatency", "SampleCount") == 6
    logs = client("logs", emulator_url)
    group = "/aws/sagemaker/Endpoints/observed"
    until(lambda: bool(logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]))
    until(lambda: bool(logs.describe_log_streams(logGroupName=group)["logStreams"]))
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    variant, _, instance = stream["logStreamName"].partition("/")
    assert variant == "main"
    assert instance.startswith("i-")
