"""Endpoints when something breaks under them: processes, permissions, artifacts, restarts."""

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.sagemaker.errors import ApiError
from local.sagemaker.images import Images
from local.sagemaker.invocation import Invocation
from local.sagemaker.ports import Credentials, Scope
from local.sagemaker.service import SageMaker
from tests.local.running_cloud import is_listening, listening_port
from tests.local.sagemaker.conftest import QUICK, Start
from tests.local.sagemaker.emulator import ROLE, SCOPE, FakeCloud
from tests.local.sagemaker.requests import (
    config_request,
    deploy,
    instance_variant,
    model_request,
    serverless_variant,
    until,
)

EXHAUSTING_ROLE = ROLE + "-exhausting"


class ExhaustedCloud(FakeCloud):
    """A machine that has no process left when a certain role is asked for."""

    def assume_role(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        if role_arn == EXHAUSTING_ROLE:
            raise OSError(11, "Resource temporarily unavailable")
        return super().assume_role(scope, role_arn, session_name)


@pytest.fixture
def exhausted(
    emulator_url: str, tmp_path: Path, images: Images
) -> Iterator[Callable[..., SageMaker]]:
    made: list[SageMaker] = []

    def make(clock: Callable[[], float] = time.time) -> SageMaker:
        made.append(
            SageMaker(ExhaustedCloud(emulator_url, tmp_path / "data"), images, QUICK, clock)
        )
        return made[-1]

    yield make
    for each in made:
        each.shutdown()


def ask(sagemaker: SageMaker, endpoint: str, body: bytes = b"x") -> dict[str, Any]:
    answer = sagemaker.invoke(SCOPE, Invocation(endpoint_name=endpoint, body=body))
    found: dict[str, Any] = json.loads(answer.body)
    return found


def describe(sagemaker: SageMaker, endpoint: str) -> dict[str, Any]:
    return sagemaker.call(SCOPE, "DescribeEndpoint", {"EndpointName": endpoint})


def with_model(sagemaker: SageMaker, url: str | None, **environment: str) -> SageMaker:
    sagemaker.call(SCOPE, "CreateModel", model_request("model", url, Environment=environment))
    return sagemaker


def update(sagemaker: SageMaker, endpoint: str, variant: dict[str, Any]) -> dict[str, Any]:
    config = f"{endpoint}-changed"
    sagemaker.call(SCOPE, "CreateEndpointConfig", config_request(config, variant))
    request = {"EndpointName": endpoint, "EndpointConfigName": config}
    sagemaker.call(SCOPE, "UpdateEndpoint", request)
    return sagemaker.wait_until_settled(SCOPE, endpoint)


@pytest.mark.parametrize("variant", [instance_variant, serverless_variant])
def test_an_endpoint_whose_process_cannot_be_started_fails_and_says_why(
    exhausted: Callable[..., SageMaker], variant: Callable[..., dict[str, Any]]
) -> None:
    sagemaker = exhausted()
    request = model_request("model", None) | {"ExecutionRoleArn": EXHAUSTING_ROLE}
    sagemaker.call(SCOPE, "CreateModel", request)
    description = deploy(sagemaker, "starved", variant("main", "model"))
    assert description["EndpointStatus"] == "Failed"
    assert description["FailureReason"] == (
        "InternalServerError: [Errno 11] Resource temporarily unavailable"
    )


def test_an_update_whose_process_cannot_be_started_leaves_the_old_model_serving(
    exhausted: Callable[..., SageMaker],
) -> None:
    sagemaker = with_model(exhausted(), None)
    deploy(sagemaker, "fed", instance_variant("main", "model"))
    request = model_request("starved", None) | {"ExecutionRoleArn": EXHAUSTING_ROLE}
    sagemaker.call(SCOPE, "CreateModel", request)
    description = update(sagemaker, "fed", instance_variant("main", "starved"))
    assert description["EndpointStatus"] == "InService"
    assert description["EndpointConfigName"] == "fed-config"
    assert description["FailureReason"].startswith("InternalServerError: ")
    assert ask(sagemaker, "fed")["size"] == 1


def test_whatever_breaks_in_the_background_settles_the_endpoint(
    exhausted: Callable[..., SageMaker],
) -> None:
    broken = threading.Event()

    def clock() -> float:
        if threading.current_thread().name == "unlucky" and not broken.is_set():
            broken.set()
            raise RuntimeError("the clock stopped")
        return time.time()

    sagemaker = with_model(exhausted(clock), None, EXIT="3")
    description = deploy(sagemaker, "unlucky", instance_variant("main", "model"))
    assert broken.is_set()
    assert description["EndpointStatus"] == "Failed"
    assert description["FailureReason"] == "InternalServerError: the clock stopped"


def test_a_server_that_hangs_is_killed_and_replaced(start: Start) -> None:
    sagemaker = with_model(start(replace(QUICK, ping_interval_seconds=0.05, ping_failures=2)), None)
    deploy(sagemaker, "frozen", instance_variant("main", "model"))
    first = ask(sagemaker, "frozen")["pid"]
    os.kill(first, signal.SIGSTOP)
    until(lambda: not psutil.pid_exists(first))
    seen: list[int] = []

    def answered() -> bool:
        with contextlib.suppress(ApiError):
            seen.append(ask(sagemaker, "frozen")["pid"])
        return bool(seen)

    until(answered)
    assert first not in seen


def test_an_endpoint_that_does_not_come_back_after_a_restart_is_tried_again(
    start: Start, s3: Any, bucket: str, model_data_url: str
) -> None:
    before = with_model(start(), model_data_url)
    deploy(before, "patient", instance_variant("main", "model"))
    state = json.loads(json.dumps(before.snapshot()))
    before.shutdown()
    archive = s3.get_object(Bucket=bucket, Key="model.tar.gz")["Body"].read()
    s3.delete_object(Bucket=bucket, Key="model.tar.gz")
    after = start(replace(QUICK, longest_restart_pause_seconds=0.2))
    after.restore(state)
    until(lambda: "FailureReason" in describe(after, "patient"))
    description = describe(after, "patient")
    assert description["EndpointStatus"] == "SystemUpdating"
    assert "Failed to download model data" in description["FailureReason"]
    s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=archive)
    description = after.wait_until_settled(SCOPE, "patient")
    assert description["EndpointStatus"] == "InService"
    assert "FailureReason" not in description
    assert ask(after, "patient")["model"] == ["weights.bin"]


def test_an_endpoint_that_is_still_tried_again_can_be_deleted(
    start: Start, s3: Any, bucket: str, model_data_url: str
) -> None:
    before = with_model(start(), model_data_url)
    deploy(before, "hopeless", instance_variant("main", "model"))
    state = json.loads(json.dumps(before.snapshot()))
    before.shutdown()
    s3.delete_object(Bucket=bucket, Key="model.tar.gz")
    after = start()
    after.restore(state)
    until(lambda: "FailureReason" in describe(after, "hopeless"))
    after.call(SCOPE, "DeleteEndpoint", {"EndpointName": "hopeless"})
    until(lambda: after.call(SCOPE, "ListEndpoints", {}) == {"Endpoints": []})


def test_requests_before_the_first_server_after_a_restart_wait_for_it(start: Start) -> None:
    before = with_model(start(), None)
    deploy(before, "early", instance_variant("main", "model"))
    state = json.loads(json.dumps(before.snapshot()))
    before.shutdown()
    after = start()
    with ThreadPoolExecutor(1) as pool:
        with after._store.lock:  # nothing can be started before this is released
            after.restore(state)
            record = after._store.endpoints.get(SCOPE, "early")
            (backend,) = after._live.backends(record).values()
            asked = pool.submit(backend.ask, Invocation(endpoint_name="early", body=b"x"))
            with pytest.raises(TimeoutError):
                asked.result(timeout=0.3)
        assert asked.result().status == 200


def test_a_request_is_worked_on_once_even_when_its_connection_is_lost(start: Start) -> None:
    sagemaker = with_model(start(), None)
    deploy(sagemaker, "dropping", instance_variant("main", "model"))
    assert ask(sagemaker, "dropping")["dropped"] == 0  # the connection is kept and used again
    with pytest.raises(ApiError, match="closed the connection without an answer"):
        ask(sagemaker, "dropping", b"drop:")
    assert ask(sagemaker, "dropping")["dropped"] == 1


@pytest.mark.parametrize(("idle_seconds", "connections"), [(60.0, 1), (0.0, 5)])
def test_a_connection_that_the_server_may_be_about_to_close_is_not_used_again(
    start: Start, idle_seconds: float, connections: int
) -> None:
    sagemaker = with_model(start(replace(QUICK, idle_connection_seconds=idle_seconds)), None)
    deploy(sagemaker, "kept-alive", instance_variant("main", "model"))
    ports = {ask(sagemaker, "kept-alive")["port"] for _ in range(5)}
    assert len(ports) == connections


@pytest.mark.parametrize("strategy", ["RANDOM", "LEAST_OUTSTANDING_REQUESTS"])
def test_a_request_that_reached_nobody_goes_to_another_instance(
    sagemaker: SageMaker, strategy: str
) -> None:
    with_model(sagemaker, None)
    routing = {"RoutingStrategy": strategy}
    variant = instance_variant("main", "model", InitialInstanceCount=2, RoutingConfig=routing)
    deploy(sagemaker, "halved", variant)
    lost = ask(sagemaker, "halved")["pid"]
    agent = psutil.Process(lost).parent()
    assert agent is not None
    agent.suspend()  # nobody is told of the death
    until(lambda: agent.status() == psutil.STATUS_STOPPED)
    port = listening_port(psutil.Process(lost))
    try:
        os.kill(lost, signal.SIGKILL)
        until(lambda: not is_listening(port))
        assert lost not in {ask(sagemaker, "halved")["pid"] for _ in range(40)}
    finally:
        agent.resume()


@pytest.mark.parametrize("variant", [instance_variant, serverless_variant])
def test_a_server_that_does_not_heed_sigterm_does_not_outlive_the_shutdown(
    start: Start, tmp_path: Path, variant: Callable[..., dict[str, Any]]
) -> None:
    stubborn = tmp_path / "stubborn"
    patient = replace(QUICK, hosting_stop_grace_seconds=600, shutdown_seconds=0.5)
    sagemaker = with_model(start(patient), None, STUBBORN_FILE=str(stubborn))
    deploy(sagemaker, "deaf", variant("main", "model"))
    pid = ask(sagemaker, "deaf")["pid"]
    stubborn.touch()
    sagemaker.shutdown()
    until(lambda: not psutil.pid_exists(pid))
