"""What happens to an endpoint while it is under load."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil

from benchmarks.soak.cloud import Cloud
from benchmarks.soak.layout import GENERATIONS, wait

Disturb = Callable[[Cloud, str, threading.Event], int]
"""Disturbs an endpoint until the event; says how often it did."""


class NotUpdated(Exception):
    """An update ended with another configuration than the one asked for."""


def calm(_cloud: Cloud, _endpoint: str, stop: threading.Event) -> int:
    """Nothing."""
    stop.wait()
    return 0


def updates(deployment: dict[str, Any] | None = None) -> Disturb:
    """One update after another, from one generation to the other and back.

    Raises NotUpdated.
    """
    extra = {"DeploymentConfig": deployment} if deployment else {}

    def disturb(cloud: Cloud, endpoint: str, stop: threading.Event) -> int:
        sagemaker = cloud.client("sagemaker")
        count = 0
        while not stop.is_set():
            count += 1
            config = f"{endpoint}-{GENERATIONS[count % len(GENERATIONS)]}"
            sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config, **extra)
            wait(sagemaker, "endpoint_in_service", endpoint)
            described = sagemaker.describe_endpoint(EndpointName=endpoint)
            if described["EndpointConfigName"] != config:
                raise NotUpdated(described.get("FailureReason", f"{endpoint} is not at {config}"))
        return count

    return disturb


def killings(every_seconds: float) -> Disturb:
    """A model server is killed as the kernel would for want of memory, again and again."""

    def disturb(cloud: Cloud, _endpoint: str, stop: threading.Event) -> int:
        count = 0
        due = time.monotonic() + every_seconds / 2
        while not stop.wait(max(0.0, due - time.monotonic())):
            due += every_seconds
            if servers := cloud.model_servers():
                with suppress(psutil.NoSuchProcess):
                    random.choice(servers).kill()  # noqa: S311 - any of them will do
                    count += 1
        return count

    return disturb


def canary(wait_seconds: int) -> dict[str, Any]:
    """Half of the traffic first."""
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    return _blue_green("CANARY", wait_seconds, CanarySize=size)


def linear(wait_seconds: int) -> dict[str, Any]:
    """Two steps."""
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    return _blue_green("LINEAR", wait_seconds, LinearStepSize=size)


def rolling(wait_seconds: int) -> dict[str, Any]:
    """Instance by instance, where there are two."""
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    return {
        "RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait_seconds}
    }


def _blue_green(kind: str, wait_seconds: int, **size: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait_seconds, **size}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
