"""One cloud for all clients, in which the built-in algorithm's image is a tiny container."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from algorithm.contract.images import image_uri
from tests.clients.shell import CLIENTS, Program, Shell
from tests.local.running_cloud import REGION, RunningCloud, create_role, put_model

BUILT_IN = image_uri(REGION)
BUCKET = "clients"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A running cloud, and what a client finds in it: a role, a bucket, a model's artifact."""

    cloud: RunningCloud
    role: str
    model_url: str


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    cloud = RunningCloud(tmp_path_factory.mktemp("clients") / "data", images=(BUILT_IN,))
    try:
        cloud.start()
        model_url = put_model(cloud, BUCKET, "0.5")
        cloud.client("s3").put_object(Bucket=BUCKET, Key="photos/0.png", Body=b"photo")
        yield Stage(cloud=cloud, role=create_role(cloud, "execution"), model_url=model_url)
    finally:
        cloud.stop()


@pytest.fixture(scope="package")
def shell(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("home"), stage.cloud.record["url"])


@pytest.fixture(scope="package")
def sdk_v2(stage: Stage, shell: Shell) -> Iterator[Program]:
    """Works in the clients' environment. It is said below when the programs are started."""
    words = (stage.role, BUCKET, stage.model_url)
    with shell.started(CLIENTS / "python", "sdk_v2.py", *words) as program:
        yield program


@pytest.fixture(scope="package")
def core_resources(stage: Stage, shell: Shell) -> Iterator[Program]:
    words = (stage.role, BUILT_IN, stage.model_url)
    with shell.started(sys.executable, "core_resources.py", *words) as program:
        yield program


@pytest.fixture(scope="package", autouse=True)
def _start_early(sdk_v2: Program, core_resources: Program) -> None:
    """The SDKs wait more than they work, so their programs run beside the other tests."""
