"""What goes wrong with an invocation, as boto3 sees it through the front (facts sheet C.3)."""

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.local.running_cloud import (
    IMAGE,
    RunningCloud,
    allow,
    create_role,
    eventually,
    invoke,
    is_listening,
    listening_port,
    put_model,
    variant,
    wait_in_service,
)

SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}
REAL_TIME_BYTES = 6 * 1024 * 1024
Make = Callable[..., str]


@pytest.fixture
def make(cloud: RunningCloud) -> Iterator[Make]:
    """Makes endpoints, which are deleted after the test; `started` ones are not waited for."""
    made: list[str] = []
    client = cloud.client("sagemaker")

    def create(name: str, given: dict[str, Any] | None = None, *, started: bool = True) -> str:
        name = f"{name}-{uuid.uuid4().hex[:8]}"
        role = create_role(cloud, name, None, allow("s3:GetObject"))
        url = put_model(cloud, "error-models", "answer")
        container = {"Image": IMAGE, "ModelDataUrl": url}
        client.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
        production = {"VariantName": "main", "ModelName": name, **(given or variant(name))}
        client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[production])
        client.create_endpoint(EndpointName=name, EndpointConfigName=name)
        made.append(name)
        if started:
            wait_in_service(cloud, name)
        return name

    yield create
    for name in made:
        client.delete_endpoint(EndpointName=name)


def failure(cloud: RunningCloud, endpoint: str, body: bytes = b"x") -> dict[str, Any]:
    """The code, message and status of an invocation that fails, and the members of its shape."""
    with pytest.raises(ClientError) as caught:
        invoke(cloud, endpoint, body)
    answer: dict[str, Any] = {**caught.value.response}
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return {**answer, **answer["Error"], "Status": status, "Text": str(caught.value)}


def instance(cloud: RunningCloud, endpoint: str) -> tuple[psutil.Process, psutil.Process]:
    """The agent and the container of an endpoint's one instance."""
    for process in cloud.instances():
        if endpoint in process.cwd() and (children := process.children()):
            return process, children[0]
    raise AssertionError(f"{endpoint} has no instance")


@contextmanager
def unaware(agent: psutil.Process) -> Iterator[None]:
    """The cloud does not hear what becomes of an instance."""
    agent.suspend()
    eventually(lambda: agent.status() == psutil.STATUS_STOPPED)
    try:
        yield
    finally:
        agent.resume()


def test_an_endpoint_that_is_not_in_service_yet_says_so(cloud: RunningCloud, make: Make) -> None:
    name = make("early", started=False)
    found = failure(cloud, name)
    assert (found["Code"], found["Status"]) == ("ValidationError", 400)
    assert "is not in service (status Creating)" in found["Message"]
    wait_in_service(cloud, name)


def test_a_payload_above_the_limit_is_refused_and_one_at_the_limit_is_answered(
    cloud: RunningCloud, make: Make
) -> None:
    name = make("large")
    assert invoke(cloud, name, bytes(REAL_TIME_BYTES)) == "answer"
    found = failure(cloud, name, bytes(REAL_TIME_BYTES + 1))
    assert (found["Code"], found["Status"]) == ("ValidationError", 413)
    assert f"{REAL_TIME_BYTES + 1} bytes" in found["Message"]


def test_above_its_concurrency_a_serverless_endpoint_throttles_with_no_message(
    cloud: RunningCloud, make: Make
) -> None:
    name = make("narrow", SERVERLESS)
    runtime = cloud.client("sagemaker-runtime")

    def outcome(_number: int) -> tuple[str, int]:
        try:
            answer = runtime.invoke_endpoint(EndpointName=name, Body=b"wait")
        except ClientError as error:
            return str(error), error.response["ResponseMetadata"]["HTTPStatusCode"]
        return answer["Body"].read().decode(), 200

    with ThreadPoolExecutor(4) as pool:
        outcomes = set(pool.map(outcome, range(4)))
    refused = (
        "An error occurred (ThrottlingException) when calling the InvokeEndpoint operation "
        "(reached max retries: 0): None"
    )
    assert outcomes == {("waited", 200), (refused, 400)}


def test_a_request_that_is_worked_on_when_its_instance_dies_is_a_model_error(
    cloud: RunningCloud, make: Make
) -> None:
    name = make("dying")
    agent, container = instance(cloud, name)
    with ThreadPoolExecutor(1) as pool, unaware(agent):
        working = pool.submit(failure, cloud, name, b"wait")
        eventually(lambda: _connected(container))
        os.kill(container.pid, signal.SIGKILL)
        found = working.result()
    assert (found["Code"], found["Status"]) == ("ModelError", 424)
    assert found["OriginalStatusCode"] == 0
    assert found["OriginalMessage"] == "The model server closed the connection without an answer."
    assert found["LogStreamArn"].endswith(f":log-group:/aws/sagemaker/Endpoints/{name}")


def test_without_a_healthy_instance_the_service_is_unavailable_until_it_is_replaced(
    cloud: RunningCloud, make: Make
) -> None:
    name = make("killed")
    agent, container = instance(cloud, name)
    port = listening_port(container)
    with unaware(agent):
        os.kill(container.pid, signal.SIGKILL)
        eventually(lambda: not is_listening(port))
        found = failure(cloud, name)
    assert (found["Code"], found["Status"]) == ("ServiceUnavailable", 503)

    def answered() -> bool:
        try:
            return invoke(cloud, name) == "answer"
        except ClientError as error:
            if error.response["Error"]["Code"] != "ServiceUnavailable":
                raise
            time.sleep(0.1)
            return False

    eventually(answered)


def _connected(container: psutil.Process) -> bool:
    """Whether somebody's request is being worked on."""
    return any(each.status == "ESTABLISHED" for each in container.net_connections(kind="tcp"))
