"""The time that an update may take, without any process."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from local.sagemaker.bake import Bake, RolledOutBadly
from local.sagemaker.guardrails import BlueGreen, plan_of
from local.sagemaker.images import Images
from local.sagemaker.platform import Platform
from local.sagemaker.records import Endpoint
from local.sagemaker.server import NotLaunched
from local.sagemaker.timings import Timings
from tests.local.sagemaker.emulator import ACCOUNT, REGION, FakeCloud
from tests.local.sagemaker.test_guardrails import deployment


def bake(directory: Path, timeout_seconds: float) -> Bake:
    plan = plan_of(None, deployment())
    assert isinstance(plan, BlueGreen)
    endpoint = Endpoint(
        account=ACCOUNT,
        region=REGION,
        name="timed",
        created=0,
        modified=0,
        request={},
        status="Updating",
    )
    platform = Platform(
        cloud=FakeCloud("http://127.0.0.1:1", directory),
        images=Images.parse("{}"),
        timings=Timings(),
        clock=time.time,
    )
    return Bake(endpoint, deployment(), replace(plan, timeout_seconds=timeout_seconds), platform)


def test_what_does_not_start_in_time_is_cut_off_and_the_time_is_blamed(tmp_path: Path) -> None:
    cut = threading.Event()
    watch = bake(tmp_path, timeout_seconds=0.05)

    def start() -> None:
        with watch.limit(cut.set):
            cut.wait()
            raise NotLaunched("it was stopped while it started")

    with pytest.raises(RolledOutBadly, match="MaximumExecutionTimeoutInSeconds"):
        start()


def test_what_fails_in_time_keeps_its_own_reason(tmp_path: Path) -> None:
    watch = bake(tmp_path, timeout_seconds=600)
    with pytest.raises(NotLaunched, match="no such image"), watch.limit(lambda: None):
        raise NotLaunched("no such image")
