"""What the container of a training job may do to its instance, and what is left of it after."""

import io
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.sagemaker.images import Images
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.conftest import QUICK
from tests.local.sagemaker.container import records
from tests.local.sagemaker.emulator import SCOPE, FakeCloud
from tests.local.sagemaker.requests import (
    IMAGE,
    ended_job,
    manifest_channel,
    put_manifest,
    training_request,
    unpacked,
    until,
)

# The hyperparameter `program` is what the container does, as JSON: it must be one line.
INTERPRETER = """
import json, os, pathlib, shutil, subprocess, sys, tempfile, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
given = json.loads((base / "input/config/hyperparameters.json").read_text())
exec(json.loads(given["program"]))
"""
# A daemon: in a session of its own, its parent gone, the container's output still open.
DAEMON = """
sleep = [sys.executable, "-c", "import time; time.sleep(632)"]
code = "import subprocess, sys; p = subprocess.Popen(" + repr(sleep) + ", start_new_session=True)"
code += "; open(sys.argv[1], 'w').write(str(p.pid))"
subprocess.run(
    [sys.executable, "-c", code, os.environ["PID_FILE"] + ".new"], start_new_session=True)
os.rename(os.environ["PID_FILE"] + ".new", os.environ["PID_FILE"])
"""


@pytest.fixture
def images() -> Images:
    return Images.parse(json.dumps({IMAGE: {"command": [sys.executable, "-c", INTERPRETER]}}))


def running(name: str, bucket: str, program: str, **changes: Any) -> dict[str, Any]:
    given = {"program": json.dumps(program)}
    return training_request(name, bucket, HyperParameters=given, **changes)


def run(sagemaker: SageMaker, request: dict[str, Any]) -> dict[str, Any]:
    sagemaker.call(SCOPE, "CreateTrainingJob", request)
    return ended_job(sagemaker, request["TrainingJobName"])


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans a new parent")
def test_a_daemon_that_a_container_leaves_behind_neither_holds_the_job_up_nor_outlives_it(
    sagemaker: SageMaker, bucket: str, tmp_path: Path
) -> None:
    daemon = tmp_path / "daemon"
    environment = {"PID_FILE": str(daemon)}
    job = run(sagemaker, running("daemon", bucket, DAEMON, Environment=environment))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert gone(int(daemon.read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans a new parent")
def test_a_daemon_of_a_container_ends_with_the_cloud(
    sagemaker: SageMaker, bucket: str, tmp_path: Path
) -> None:
    daemon = tmp_path / "daemon"
    program = DAEMON + "\ntime.sleep(633)"
    request = running("abandoned", bucket, program, Environment={"PID_FILE": str(daemon)})
    sagemaker.call(SCOPE, "CreateTrainingJob", request)
    until(daemon.exists)
    pid = int(daemon.read_text())
    assert not gone(pid)
    sagemaker.shutdown()
    until(lambda: gone(pid))


def test_a_container_works_in_a_private_directory_that_goes_with_it(
    sagemaker: SageMaker, s3: Any, bucket: str, tmp_path: Path
) -> None:
    program = """
pathlib.Path("relative.txt").write_text("mine")
report = {"cwd": os.getcwd(), "base": str(base)}
(base / "model" / "report.json").write_text(json.dumps(report))
"""
    job = run(sagemaker, running("private", bucket, program))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    report = json.loads(unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"])
    private = Path(report["base"]).parent
    assert private.is_relative_to(tmp_path)
    assert Path(report["cwd"]).is_relative_to(private)
    assert not Path("relative.txt").exists()
    until(lambda: not private.exists())


@pytest.fixture
def near_root(emulator_url: str, images: Images) -> Iterator[SageMaker]:
    """A SageMaker whose data directory has a short path, as an operator's has."""
    with tempfile.TemporaryDirectory(prefix="d-", dir="/tmp") as short:
        made = SageMaker(FakeCloud(emulator_url, Path(short)), images, QUICK)
        yield made
        made.shutdown()


def test_temporary_files_stay_in_the_private_directory(
    near_root: SageMaker, s3: Any, bucket: str
) -> None:
    program = """
place = tempfile.mkdtemp()
(base / "model" / "report.json").write_text(json.dumps([place, str(base)]))
"""
    job = run(near_root, running("t", bucket, program))
    place, base = json.loads(unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"])
    assert Path(place).is_relative_to(Path(base).parent)


def test_modules_are_found_by_the_python_path_from_any_directory(
    sagemaker: SageMaker, s3: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "found_by_path.py").write_text("VALUE = 7")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "library")
    program = "import found_by_path; (base / 'model' / str(found_by_path.VALUE)).touch()"
    job = run(sagemaker, running("modules", bucket, program))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert set(unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])) == {"7"}


def test_a_container_that_removed_its_directories_is_stopped_like_any_other(
    sagemaker: SageMaker, bucket: str, tmp_path: Path
) -> None:
    removed = tmp_path / "removed"
    program = """
shutil.rmtree(base / "model")
shutil.rmtree(base / "output")
open(os.environ["REMOVED"], "w").close()
time.sleep(633)
"""
    request = running("removing", bucket, program, Environment={"REMOVED": str(removed)})
    sagemaker.call(SCOPE, "CreateTrainingJob", request)
    until(removed.exists)
    sagemaker.call(SCOPE, "StopTrainingJob", {"TrainingJobName": "removing"})
    job = ended_job(sagemaker, "removing")
    assert job["TrainingJobStatus"] == "Stopped", job.get("FailureReason")
    assert "ModelArtifacts" not in job


def test_channels_may_be_read_at_the_same_time(sagemaker: SageMaker, s3: Any, bucket: str) -> None:
    """All of `validation` comes while `train`, longer than a FIFO holds, is half read."""
    program = """
with open(base / "input/data/train_0", "rb") as train:
    first = train.read(1000)
    validation = (base / "input/data/validation_0").read_bytes()
    rest = train.read()
(base / "model" / "train").write_bytes(first + rest)
(base / "model" / "validation").write_bytes(validation)
"""
    contents: dict[str, list[bytes]] = {}
    channels = []
    for name, size in (("train", 90_000), ("validation", 3_000)):
        uri, contents[name] = put_manifest(s3, bucket, name, 40, size=size)
        channels.append(manifest_channel(name, uri))
    job = run(sagemaker, running("parallel", bucket, program, InputDataConfig=channels))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    read = unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])
    for name, images in contents.items():
        parts = [part for n, image in enumerate(images) for part in (image, str(n % 3).encode())]
        assert records(io.BytesIO(read[name])) == parts


@pytest.mark.parametrize("special", ["os.mkdir", "os.mkfifo"])
def test_a_failure_that_is_no_file_counts_as_none(
    sagemaker: SageMaker, bucket: str, special: str
) -> None:
    job = run(sagemaker, running("odd", bucket, f"{special}(base / 'output/failure'); sys.exit(9)"))
    assert job["FailureReason"].endswith("the container wrote no output/failure, exit code: 9")


def test_an_assignment_larger_than_a_pipe_reaches_its_instance(
    sagemaker: SageMaker, s3: Any, bucket: str
) -> None:
    request = running("large", bucket, "(base / 'model' / given['name-89']).touch()")
    request["HyperParameters"] |= {f"name-{number}": "x" * 2000 for number in range(89)}
    request["HyperParameters"]["name-89"] = "last"
    job = run(sagemaker, request)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert set(unpacked(s3, job["ModelArtifacts"]["S3ModelArtifacts"])) == {"last"}
