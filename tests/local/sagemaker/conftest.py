"""One emulator for all tests here; each test has a SageMaker and buckets of its own."""

import io
import json
import sys
import tarfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.images import Images
from local.sagemaker.service import SageMaker
from local.sagemaker.timings import Timings
from tests.local.sagemaker import container
from tests.local.sagemaker.emulator import FakeCloud, client, running_emulator
from tests.local.sagemaker.requests import IMAGE

QUICK = Timings(
    startup_health_check_seconds=20,
    serverless_startup_seconds=20,
    invocation_seconds=20,
    training_stop_grace_seconds=20,
    hosting_stop_grace_seconds=5,
    metrics_seconds=0.2,
    housekeeping_seconds=0.1,
    first_restart_pause_seconds=0.05,
)
METRICS = [
    {"Name": "validation:accuracy", "Regex": r"Validation-accuracy=([0-9\.]+)"},
    {"Name": "train:accuracy", "Regex": r"#011accuracy=([0-9\.]+)"},
]
Start = Callable[..., SageMaker]


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture
def cloud(emulator_url: str, tmp_path: Path) -> FakeCloud:
    return FakeCloud(emulator_url, tmp_path / "data")


@pytest.fixture
def images() -> Images:
    command = [sys.executable, container.__file__]
    return Images.parse(
        json.dumps(
            {
                IMAGE: {"command": command, "metric_definitions": METRICS},
                "plain:1": {"command": command},
                "absent-program:1": {"command": ["/nonexistent/program"]},
            }
        )
    )


@pytest.fixture
def start(cloud: FakeCloud, images: Images) -> Iterator[Start]:
    """Makes SageMakers with timings of the test's choice and ends their processes after it."""
    made: list[SageMaker] = []

    def make(timings: Timings = QUICK) -> SageMaker:
        made.append(SageMaker(cloud, images, timings))
        return made[-1]

    yield make
    for each in made:
        each.shutdown()


@pytest.fixture
def sagemaker(start: Start) -> SageMaker:
    return start()


@pytest.fixture
def s3(emulator_url: str) -> Any:
    return client("s3", emulator_url)


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def model_data_url(s3: Any, bucket: str) -> str:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("weights.bin")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"abc"))
    s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=archive.getvalue())
    return f"s3://{bucket}/model.tar.gz"
