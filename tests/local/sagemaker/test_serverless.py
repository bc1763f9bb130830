"""Serverless variants as real processes: on demand, provisioned, throttled (facts C.4)."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.errors import ApiError
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.conftest import QUICK, Start
from tests.local.sagemaker.emulator import SCOPE
from tests.local.sagemaker.invoking import agents, ask, refusal, report, total
from tests.local.sagemaker.requests import (
    deploy,
    instance_variant,
    model_request,
    serverless_variant,
    until,
)

NAMES = "ServerlessProvisionedConcurrency"


def with_model(sagemaker: SageMaker, **environment: str) -> SageMaker:
    sagemaker.call(SCOPE, "CreateModel", model_request("model", None, Environment=environment))
    return sagemaker


def rescale(sagemaker: SageMaker, endpoint: str, **update: int) -> dict[str, Any]:
    change = {"VariantName": "main", "ServerlessUpdateConfig": update}
    request = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": [change]}
    sagemaker.call(SCOPE, "UpdateEndpointWeightsAndCapacities", request)
    (variant,) = sagemaker.wait_until_settled(SCOPE, endpoint)["ProductionVariants"]
    found: dict[str, Any] = variant
    return found


def test_each_concurrent_request_has_an_environment_that_ends_when_it_is_idle(
    start: Start,
) -> None:
    sagemaker = with_model(start(replace(QUICK, serverless_idle_seconds=1.0)))
    description = deploy(sagemaker, "idle", serverless_variant("main", "model"))
    assert description["EndpointStatus"] == "InService", description.get("FailureReason")
    (variant,) = description["ProductionVariants"]
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert variant["CurrentServerlessConfig"] == variant["DesiredServerlessConfig"] == config
    assert agents() == []
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(ask, sagemaker, "idle", b"sleep:0.5") for _ in range(3)]
        until(lambda: len(agents()) == 3)
        assert [each.result().status for each in slow] == [200] * 3
    first = report(ask(sagemaker, "idle"))
    assert report(ask(sagemaker, "idle"))["pid"] == first["pid"]  # the one used last is warmest
    assert first["peak"] == 1
    until(lambda: not agents())
    assert report(ask(sagemaker, "idle"))["pid"] != first["pid"]


def test_requests_queue_where_this_machine_has_no_room_for_more_environments(
    start: Start,
) -> None:
    sagemaker = with_model(start(replace(QUICK, serverless_environments=1)))
    deploy(sagemaker, "cramped", serverless_variant("main", "model"))
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: ask(sagemaker, "cramped", b"sleep:0.05"), range(5)))
    assert report(ask(sagemaker, "cramped"))["peak"] == 1
    assert len(agents()) == 1


def test_above_its_concurrency_a_variant_throttles_until_it_is_given_more(
    sagemaker: SageMaker,
) -> None:
    with_model(sagemaker)
    deploy(sagemaker, "narrow", serverless_variant("main", "model", 1))

    def outcome(_number: int) -> tuple[str | None, str | None, int]:
        try:
            return None, None, ask(sagemaker, "narrow", b"sleep:1").status
        except ApiError as error:
            return error.code, error.message, error.http_status

    with ThreadPoolExecutor(4) as pool:
        outcomes = set(pool.map(outcome, range(4)))
    assert outcomes == {(None, None, 200), ("ThrottlingException", None, 400)}
    variant = rescale(sagemaker, "narrow", MaxConcurrency=2)
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 2}
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: ask(sagemaker, "narrow", b"sleep:0.3"), range(2)))
    assert [each.status for each in both] == [200, 200]


def test_a_cold_start_that_takes_long_is_not_ready_and_then_counted_as_overhead(
    start: Start, tmp_path: Path, emulator_url: str
) -> None:
    ready = tmp_path / "ready"
    ready.touch()
    quick = replace(QUICK, serverless_wait_seconds=0.5, serverless_idle_seconds=600)
    sagemaker = with_model(start(quick), READY_FILE=str(ready))
    deploy(sagemaker, "cold", serverless_variant("main", "model"))
    ready.unlink()
    error = refusal(sagemaker, "cold")
    assert (error.code, error.http_status) == ("ModelNotReadyException", 429)
    assert "still being provisioned" in str(error)
    ready.touch()
    answers: list[int] = []

    def answered() -> bool:
        try:
            answers.append(ask(sagemaker, "cold").status)
        except ApiError as error:
            if error.code != "ModelNotReadyException":
                raise
        return bool(answers)

    until(answered)
    assert len(agents()) == 1  # who gave up has not left an environment of his own behind
    where = {"EndpointName": "cold", "VariantName": "main"}
    until(lambda: total(emulator_url, "ModelSetupTime", **where) > 500_000)
    assert total(emulator_url, "ModelSetupTime", statistic="SampleCount", **where) == 1
    assert total(emulator_url, "Invocations", **where) == 1
    assert total(emulator_url, "ModelLatency", **where) < 500_000
    assert total(emulator_url, "InvocationsPerInstance", **where) == 0


def test_provisioned_environments_are_warm_from_the_start_and_stay(
    start: Start, emulator_url: str
) -> None:
    sagemaker = with_model(start(replace(QUICK, serverless_idle_seconds=0.1)))
    deploy(sagemaker, "warm", serverless_variant("main", "model", ProvisionedConcurrency=1))
    assert len(agents()) == 1
    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(ask, sagemaker, "warm", b"sleep:0.5") for _ in range(2)]
        until(lambda: len(agents()) == 2)  # the second one spills over
        assert [each.result().status for each in slow] == [200, 200]
    until(lambda: len(agents()) == 1)
    first = report(ask(sagemaker, "warm"))["pid"]
    where = {"EndpointName": "warm", "VariantName": "main"}
    until(lambda: total(emulator_url, f"{NAMES}Invocations", **where) == 2)
    assert total(emulator_url, f"{NAMES}SpilloverInvocations", **where) == 1
    assert total(emulator_url, f"{NAMES}Utilization", statistic="Maximum", **where) == 1
    most = "ServerlessConcurrentExecutionsUtilization"
    assert total(emulator_url, most, statistic="Maximum", **where) == pytest.approx(0.4)
    assert total(emulator_url, "ModelSetupTime", statistic="SampleCount", **where) == 1

    os.kill(first, signal.SIGKILL)
    until(lambda: bool(agents()) and _pid(sagemaker) not in (None, first))
    variant = rescale(sagemaker, "warm", ProvisionedConcurrency=3)
    assert variant["CurrentServerlessConfig"]["ProvisionedConcurrency"] == 3
    assert len(agents()) == 3


def _pid(sagemaker: SageMaker) -> int | None:
    """Of the process that answers; None for an answer that nobody gives."""
    try:
        found: int = report(ask(sagemaker, "warm"))["pid"]
    except ApiError as error:
        if error.code != "ModelError":
            raise
        return None
    return found


@pytest.mark.parametrize(
    ("variant", "update", "said"),
    [
        (instance_variant("main", "model"), {"MaxConcurrency": 2}, "is not serverless"),
        (
            serverless_variant("main", "model", 5),
            {"ProvisionedConcurrency": 6},
            "ProvisionedConcurrency 6 must not be above MaxConcurrency 5",
        ),
    ],
)
def test_a_serverless_update_that_makes_no_sense_is_refused(
    sagemaker: SageMaker, variant: dict[str, Any], update: dict[str, int], said: str
) -> None:
    with_model(sagemaker)
    deploy(sagemaker, "fixed", variant)
    with pytest.raises(ApiError, match=said):
        rescale(sagemaker, "fixed", **update)
