"""Updates with deployment guardrails: real fleets, real requests, real alarms."""

import json
import uuid
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.errors import ApiError
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.conftest import QUICK, Start
from tests.local.sagemaker.emulator import SCOPE, FakeCloud, client
from tests.local.sagemaker.load import answered_by, load_on
from tests.local.sagemaker.requests import (
    config_request,
    deploy,
    instance_variant,
    model_request,
    until,
)

HASTY = replace(QUICK, pace=300.0, alarm_poll_seconds=0.05)
"""600 seconds of a policy take 2."""
ENDPOINT = "guarded"
ASKED = 120
ENDPOINT_STATE = "SageMaker Endpoint State Change"
DEPLOYMENT_STATE = "SageMaker Endpoint Deployment State Change"


@pytest.fixture
def sagemaker(start: Start) -> SageMaker:
    return start(HASTY)


@pytest.fixture
def cloudwatch(emulator_url: str) -> Any:
    return client("cloudwatch", emulator_url)


@pytest.fixture
def alarm(cloudwatch: Any) -> str:
    """An alarm that does what the test sets."""
    name = f"alarm-{uuid.uuid4().hex[:8]}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Nothing",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="quiet")
    return name


def with_models(
    sagemaker: SageMaker,
    instances: int = 2,
    first: dict[str, str] | None = None,
    second: dict[str, str] | None = None,
) -> None:
    """The endpoint with the first model, and a configuration with the second."""
    for name, environment in (("first", first or {}), ("second", second or {})):
        request = model_request(name, None, Environment={"MY_VARIABLE": name, **environment})
        sagemaker.call(SCOPE, "CreateModel", request)
    variant = instance_variant("champion", "first", InitialInstanceCount=instances)
    assert deploy(sagemaker, ENDPOINT, variant)["EndpointStatus"] == "InService"
    variant = instance_variant("champion", "second", InitialInstanceCount=instances)
    sagemaker.call(SCOPE, "CreateEndpointConfig", config_request("second", variant))


def begin(sagemaker: SageMaker, config: dict[str, Any], **more: Any) -> None:
    request = {"EndpointName": ENDPOINT, "EndpointConfigName": "second", **more}
    sagemaker.call(SCOPE, "UpdateEndpoint", request | {"DeploymentConfig": config})


def describe(sagemaker: SageMaker) -> dict[str, Any]:
    return sagemaker.call(SCOPE, "DescribeEndpoint", {"EndpointName": ENDPOINT})


def settled(sagemaker: SageMaker) -> dict[str, Any]:
    return sagemaker.wait_until_settled(SCOPE, ENDPOINT)


def pending(sagemaker: SageMaker) -> dict[str, Any]:
    """The pending deployment's one variant; empty where there is none."""
    summary = describe(sagemaker).get("PendingDeploymentSummary", {})
    found: dict[str, Any] = next(iter(summary.get("ProductionVariants", [])), {})
    return found


def await_bake(sagemaker: SageMaker, weight: float) -> None:
    """Wait until the new fleet is watched with this share of the traffic."""

    def bakes() -> bool:
        variant = pending(sagemaker)
        return (
            variant.get("CurrentWeight") == weight
            and variant["VariantStatus"][0]["Status"] == "Baking"
        )

    until(bakes)


def states(cloud: FakeCloud) -> list[str]:
    """The statuses that EventBridge was told of."""
    return [detail["EndpointStatus"] for kind, _, detail in cloud.events if kind == ENDPOINT_STATE]


def phases(cloud: FakeCloud, of: str = "pending") -> list[dict[str, Any]]:
    """The variant, as EventBridge was told of it in each phase of an update."""
    told = [detail for kind, _, detail in cloud.events if kind == DEPLOYMENT_STATE]
    if of == "pending":
        told = [detail.get("PendingDeploymentSummary", detail) for detail in told]
    return [detail.get("ProductionVariants", [{}])[0] for detail in told]


def baked(cloud: FakeCloud, of: str = "pending") -> list[dict[str, Any]]:
    """The same, of each bake."""
    return [
        variant
        for variant, pending_variant in zip(phases(cloud, of), phases(cloud), strict=True)
        if pending_variant["VariantStatus"][0]["Status"] == "Baking"
    ]


def blue_green(kind: str, *, wait: int = 600, termination: int = 0, **size: int) -> dict[str, Any]:
    routing: dict[str, Any] = {"Type": kind, "WaitIntervalInSeconds": wait}
    for member, value in size.items():
        routing[member] = {"Type": "CAPACITY_PERCENT", "Value": value}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": termination,
        }
    }


def rolling(percent: int, wait: int) -> dict[str, Any]:
    size = {"Type": "CAPACITY_PERCENT", "Value": percent}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait}}


def guarded_by(alarm: str) -> dict[str, Any]:
    return {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]}}


def test_a_canary_comes_first_and_then_everything_and_no_request_is_lost(
    sagemaker: SageMaker, cloud: FakeCloud
) -> None:
    with_models(sagemaker)
    config = blue_green("CANARY", wait=300, CanarySize=25)
    with load_on(sagemaker, ENDPOINT) as load:
        begin(sagemaker, config)
        description = settled(sagemaker)
        load.answers.clear()
        until(lambda: load.answers.total() > 20)
    assert load.refusals == []
    assert set(load.answers) == {"second"}
    assert description["EndpointStatus"] == "InService"
    assert description["EndpointConfigName"] == "second"
    assert description["LastDeploymentConfig"] == config
    assert "FailureReason" not in description
    assert "PendingDeploymentSummary" not in description
    assert states(cloud) == ["CREATING", "IN_SERVICE", "UPDATING", "IN_SERVICE"]
    told = phases(cloud)
    assert [each["VariantStatus"][0]["Status"] for each in told] == [
        *("Creating", "ActivatingTraffic"),  # of the first deployment
        *("Creating", "ActivatingTraffic", "Baking", "ActivatingTraffic", "Deleting"),
    ]
    assert [each["CurrentWeight"] for each in told[2:6]] == [0.0, 0.25, 0.25, 1.0]


def test_linear_steps_move_the_traffic_one_after_the_other(
    sagemaker: SageMaker, cloud: FakeCloud
) -> None:
    with_models(sagemaker)
    with load_on(sagemaker, ENDPOINT) as load:
        begin(sagemaker, blue_green("LINEAR", wait=60, LinearStepSize=40))
        assert settled(sagemaker)["EndpointConfigName"] == "second"
    assert load.refusals == []
    assert [each["CurrentWeight"] for each in baked(cloud)] == [0.4, 0.8]


def test_a_rolling_update_replaces_batch_by_batch_and_keeps_a_scaled_out_fleet(
    sagemaker: SageMaker, cloud: FakeCloud
) -> None:
    with_models(sagemaker, instances=1)
    change = {"VariantName": "champion", "DesiredInstanceCount": 3}
    sagemaker.call(
        SCOPE,
        "UpdateEndpointWeightsAndCapacities",
        {"EndpointName": ENDPOINT, "DesiredWeightsAndCapacities": [change]},
    )
    settled(sagemaker)
    with load_on(sagemaker, ENDPOINT) as load:
        begin(sagemaker, rolling(34, 60), RetainAllVariantProperties=True)
        description = settled(sagemaker)
    assert load.refusals == []
    assert [each["CurrentInstanceCount"] for each in baked(cloud)] == [1, 2, 3]
    assert [each["CurrentInstanceCount"] for each in baked(cloud, "current")] == [2, 1, 0]
    assert description["EndpointConfigName"] == "second"
    (variant,) = description["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 3
    assert answered_by(sagemaker, ENDPOINT) == "second"


@pytest.mark.parametrize(
    ("config", "weight"),
    [
        (blue_green("CANARY", wait=3600, CanarySize=25), 0.25),
        (blue_green("ALL_AT_ONCE", termination=3600), 1.0),
        (rolling(50, wait=3600), 0.5),
    ],
    ids=["canary", "all at once", "rolling"],
)
def test_an_alarm_takes_the_share_of_the_new_fleet_back_and_is_named(
    start: Start,
    cloud: FakeCloud,
    cloudwatch: Any,
    alarm: str,
    config: dict[str, Any],
    weight: float,
) -> None:
    sagemaker = start(replace(HASTY, pace=60))  # the alarm ends the wait
    with_models(sagemaker)
    with load_on(sagemaker, ENDPOINT) as load:
        begin(sagemaker, config | guarded_by(alarm))
        await_bake(sagemaker, weight)
        asked = Counter(answered_by(sagemaker, ENDPOINT) for _ in range(ASKED))
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="too slow")
        description = settled(sagemaker)
        load.answers.clear()
        until(lambda: load.answers.total() > 20)
    assert load.refusals == []
    deviation = (ASKED * weight * (1 - weight)) ** 0.5
    # Beyond is less likely than once in a million.
    assert abs(asked["second"] - ASKED * weight) <= 5 * deviation
    assert set(load.answers) == {"first"}
    (variant,) = description["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 2
    assert description["EndpointStatus"] == "InService"
    assert description["EndpointConfigName"] == f"{ENDPOINT}-config"
    assert description["FailureReason"] == (
        f"One or more alarms of the deployment are in ALARM: {alarm} (too slow)."
    )
    assert states(cloud)[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]


def test_an_alarm_that_is_not_there_stops_the_update_before_it_starts(
    sagemaker: SageMaker,
) -> None:
    with_models(sagemaker, instances=1)
    begin(sagemaker, blue_green("ALL_AT_ONCE") | guarded_by("absent"))
    description = settled(sagemaker)
    assert description["EndpointConfigName"] == f"{ENDPOINT}-config"
    assert "names alarms that do not exist: absent" in description["FailureReason"]
    assert answered_by(sagemaker, ENDPOINT) == "first"


def test_an_update_that_takes_too_long_is_rolled_back(sagemaker: SageMaker, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with_models(sagemaker, instances=1, second={"READY_FILE": str(ready)})
    config = blue_green("ALL_AT_ONCE", termination=599)
    config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    begin(sagemaker, config)
    until(lambda: pending(sagemaker).get("VariantStatus", [{}])[0].get("Status") == "Creating")
    started = pending(sagemaker)["VariantStatus"][0]["StartTime"]
    until(lambda: sagemaker._platform.clock() - started > 1.1)
    ready.touch()
    description = settled(sagemaker)
    assert "took longer than MaximumExecutionTimeoutInSeconds (600)" in description["FailureReason"]
    assert description["EndpointConfigName"] == f"{ENDPOINT}-config"
    assert answered_by(sagemaker, ENDPOINT) == "first"


def test_a_rolling_update_whose_rollback_fails_serves_a_mix_that_an_update_repairs(
    start: Start, tmp_path: Path, cloudwatch: Any, alarm: str
) -> None:
    sagemaker = start(replace(HASTY, startup_health_check_seconds=2))
    healthy = tmp_path / "healthy"
    healthy.touch()
    with_models(sagemaker, first={"READY_FILE": str(healthy)})
    begin(sagemaker, rolling(50, 3600) | guarded_by(alarm))
    await_bake(sagemaker, 0.5)
    healthy.unlink()  # no further instance of the old model comes up
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="too slow")
    with load_on(sagemaker, ENDPOINT) as load:
        description = settled(sagemaker)
        load.answers.clear()
        until(lambda: {"first", "second"} == set(load.answers))
        assert description["EndpointStatus"] == "UpdateRollbackFailed"
        assert description["EndpointConfigName"] == f"{ENDPOINT}-config"
        assert "The rollback failed too" in description["FailureReason"]
        begin(sagemaker, blue_green("ALL_AT_ONCE") | guarded_by(alarm))  # which is raised still
        assert settled(sagemaker)["EndpointStatus"] == "UpdateRollbackFailed"
        healthy.touch()
        for name in ("first", "second"):  # back to where it came from, then where it was to go
            used = f"{ENDPOINT}-config" if name == "first" else "second"
            begin(sagemaker, blue_green("ALL_AT_ONCE"), EndpointConfigName=used)
            description = settled(sagemaker)
            assert description["EndpointStatus"] == "InService"
            assert description["EndpointConfigName"] == used
            assert {answered_by(sagemaker, ENDPOINT) for _ in range(20)} == {name}
    assert load.refusals == []


def test_after_a_restart_the_old_model_serves_and_the_update_starts_anew(start: Start) -> None:
    before = start(HASTY)
    with_models(before, instances=2)
    begin(before, blue_green("CANARY", CanarySize=50))
    await_bake(before, 0.5)
    state = json.loads(json.dumps(before.snapshot()))
    before.shutdown()
    after = start(HASTY)
    after.restore(state)
    assert answered_by(after, ENDPOINT) == "first"
    await_bake(after, 0.5)
    assert settled(after)["EndpointConfigName"] == "second"
    assert {answered_by(after, ENDPOINT) for _ in range(20)} == {"second"}


def test_after_a_restart_an_update_that_was_being_rolled_back_is_not_tried_again(
    start: Start,
) -> None:
    before = start(HASTY)
    with_models(before, instances=1)
    state = json.loads(json.dumps(before.snapshot()))
    (endpoint,) = state["endpoint"]
    endpoint |= {"status": "RollingBack", "failure_reason": "an alarm"}
    endpoint["pending"] = {**endpoint["current"], "config_name": "second", "share": 0.0}
    before.shutdown()
    after = start(HASTY)
    after.restore(state)
    description = settled(after)
    assert description["EndpointStatus"] == "InService"
    assert description["EndpointConfigName"] == f"{ENDPOINT}-config"
    assert description["FailureReason"] == "an alarm"


def test_an_endpoint_is_deleted_in_the_middle_of_an_update(
    sagemaker: SageMaker, cloud: FakeCloud
) -> None:
    with_models(sagemaker)
    begin(sagemaker, blue_green("CANARY", wait=3600, CanarySize=50))
    await_bake(sagemaker, 0.5)
    sagemaker.call(SCOPE, "DeleteEndpoint", {"EndpointName": ENDPOINT})
    until(lambda: sagemaker.call(SCOPE, "ListEndpoints", {}) == {"Endpoints": []})
    assert not list((cloud.data_directory / "instances").iterdir())


def test_a_scale_out_that_fails_leaves_every_variant_as_it_was(
    start: Start, tmp_path: Path, cloud: FakeCloud
) -> None:
    sagemaker = start(replace(HASTY, startup_health_check_seconds=2))
    healthy = tmp_path / "healthy"
    healthy.touch()
    environments = {"first": {}, "second": {"READY_FILE": str(healthy)}}
    for name, environment in environments.items():
        request = model_request(name, None, Environment={"MY_VARIABLE": name, **environment})
        sagemaker.call(SCOPE, "CreateModel", request)
    variants = [instance_variant("champion", "first"), instance_variant("challenger", "second")]
    deploy(sagemaker, ENDPOINT, *variants)
    healthy.unlink()  # no further instance of the second model comes up
    changes = [
        {"VariantName": name, "DesiredInstanceCount": 2, "DesiredWeight": 7.0}
        for name in ("champion", "challenger")
    ]
    request = {"EndpointName": ENDPOINT, "DesiredWeightsAndCapacities": changes}
    sagemaker.call(SCOPE, "UpdateEndpointWeightsAndCapacities", request)
    with pytest.raises(ApiError, match="Cannot update in-progress endpoint"):
        sagemaker.call(SCOPE, "UpdateEndpointWeightsAndCapacities", request)
    description = settled(sagemaker)
    assert description["EndpointStatus"] == "InService"
    assert "Variant challenger: " in description["FailureReason"]
    for variant in description["ProductionVariants"]:
        assert variant["CurrentInstanceCount"] == variant["DesiredInstanceCount"] == 1
        assert variant["CurrentWeight"] == variant["DesiredWeight"] == 1.0
    assert {answered_by(sagemaker, ENDPOINT) for _ in range(40)} == {"first", "second"}
    assert states(cloud)[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]


def test_the_last_deployment_config_is_used_again_when_asked(
    sagemaker: SageMaker, cloud: FakeCloud
) -> None:
    with_models(sagemaker)
    config = blue_green("CANARY", wait=30, CanarySize=50)
    begin(sagemaker, config)
    settled(sagemaker)
    variant = instance_variant("champion", "first", InitialInstanceCount=2)
    sagemaker.call(SCOPE, "CreateEndpointConfig", config_request("back", variant))
    back = {"EndpointName": ENDPOINT, "EndpointConfigName": "back", "RetainDeploymentConfig": True}
    sagemaker.call(SCOPE, "UpdateEndpoint", back)
    assert settled(sagemaker)["LastDeploymentConfig"] == config
    assert [each["CurrentWeight"] for each in baked(cloud)] == [0.5, 0.5]
