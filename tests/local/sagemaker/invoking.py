"""Asking endpoints, and what can be seen of it from outside."""

import json
from typing import Any

import psutil
import pytest

from local.sagemaker.errors import ApiError
from local.sagemaker.invocation import Answer, Invocation
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.emulator import SCOPE, client

LONG_AFTER = 4_000_000_000


def ask(sagemaker: SageMaker, endpoint: str, body: bytes = b"x", **given: Any) -> Answer:
    return sagemaker.invoke(SCOPE, Invocation(endpoint_name=endpoint, body=body, **given))


def report(answer: Answer) -> dict[str, Any]:
    """What the test container says of itself and of the request."""
    found: dict[str, Any] = json.loads(answer.body)
    return found


def refusal(sagemaker: SageMaker, endpoint: str, body: bytes = b"x", **given: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        ask(sagemaker, endpoint, body, **given)
    return caught.value


def describe(sagemaker: SageMaker, endpoint: str) -> dict[str, Any]:
    return sagemaker.call(SCOPE, "DescribeEndpoint", {"EndpointName": endpoint})


def gone(sagemaker: SageMaker, endpoint: str) -> bool:
    try:
        describe(sagemaker, endpoint)
    except ApiError:
        return True
    return False


def agents() -> list[psutil.Process]:
    """The instances at work."""
    found = []
    for process in psutil.Process().children():
        try:
            if "local.instance" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


def total(
    url: str,
    metric: str,
    *,
    statistic: str = "Sum",
    namespace: str = "AWS/SageMaker",
    **dimensions: str,
) -> float:
    """A metric's statistic over all time; 0 where there is none."""
    points = client("cloudwatch", url).get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=0,
        EndTime=LONG_AFTER,
        Period=LONG_AFTER - LONG_AFTER % 60,
        Statistics=[statistic],
    )["Datapoints"]
    return float(sum(point[statistic] for point in points))
