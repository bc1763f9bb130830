"""Synth is a pure function of the repository: same files, same bytes; no network, no AWS."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.environments import DEV, ENVIRONMENTS
from config.outputs import STACKS
from tests.stacks.assembly import Assembly, release_of, synthesize, write_release

REPOSITORY = Path(__file__).resolve().parents[2]
CLI = REPOSITORY / "node_modules" / "aws-cdk" / "bin" / "cdk"

# Refuses every connection; Python and jsii's Node each read their own.
PYTHON_WITHOUT_NETWORK = """
import runpy, socket, sys

def refuse(*_):
    raise OSError("synth opened a connection")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
sys.path.insert(0, ".")
runpy.run_path("app.py", run_name="__main__")
sdk = {"boto3", "botocore", "sagemaker", "obstore"} & set(sys.modules)
sys.exit(f"synth imported {sorted(sdk)}" if sdk else 0)
"""
NODE_WITHOUT_NETWORK = """
require("net").Socket.prototype.connect = () => { throw new Error("synth opened a connection") };
require("dns").lookup = () => { throw new Error("synth asked for an address") };
"""


def environment(home: Path, **variables: str) -> dict[str, str]:
    """No credentials, no configuration, nothing of the caller's but where programs are."""
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(home), "CDK_DISABLE_CLI_TELEMETRY": "true", **variables}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what synth reads, with a release for every environment."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("config", "stacks", "algorithm/contract"):
        ignored = shutil.ignore_patterns("__pycache__", "*.json")
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
    for name in ("app.py", "cdk.json", "algorithm/__init__.py"):
        shutil.copy(REPOSITORY / name, folder / name)
    for settings in ENVIRONMENTS.values():
        write_release(release_of(settings), folder / "config" / "releases")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """Templates and what is said about assets, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for pattern in ("*.template.json", "*.assets.json")
        for path in folder.rglob(pattern)
    }


def test_two_synths_write_the_same_bytes(assembly: Assembly, tmp_path: Path) -> None:
    again = synthesize(tmp_path, releases=map(release_of, ENVIRONMENTS.values()))
    assert files(again.folder) == files(assembly.folder)
    assert len(files(again.folder)) == 2 * len(STACKS) * len(ENVIRONMENTS)


def test_synth_needs_no_network_no_credentials_and_no_sdk(
    checkout: Path, assembly: Assembly, tmp_path: Path
) -> None:
    preload = tmp_path / "offline.js"
    preload.write_text(NODE_WITHOUT_NETWORK, encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "-c", PYTHON_WITHOUT_NETWORK],
        cwd=checkout,
        env=environment(
            tmp_path,
            CDK_OUTDIR=str(tmp_path / "out"),
            NODE_OPTIONS=f"--require={preload}",
            TZ="Pacific/Chatham",
            USER="somebody-else",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert files(tmp_path / "out") == files(assembly.folder)


def test_the_cli_gets_the_same_templates_as_python_alone(
    checkout: Path, assembly: Assembly, tmp_path: Path
) -> None:
    finished = subprocess.run(
        ["node", str(CLI), "synth", "--quiet", "--no-notices", "--output", str(tmp_path / "out")],
        cwd=checkout,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert files(tmp_path / "out") == files(assembly.folder)


def test_a_wrong_release_ends_synth_with_one_line(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    shutil.copytree(checkout, copy)
    write_release(release_of(DEV, artifact_format="onnx"), copy / "config" / "releases")
    finished = subprocess.run(
        [sys.executable, "app.py"],
        cwd=copy,
        env=environment(tmp_path, CDK_OUTDIR=str(tmp_path / "out")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert finished.stderr.startswith("darkroom: release of environment dev holds an artifact")
    assert finished.stderr.count("\n") == 1


def test_settings_that_contradict_each_other_end_synth_with_one_line(
    checkout: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "checkout"
    shutil.copytree(checkout, copy)
    file = copy / "config" / "environments.py"
    text = file.read_text()
    assert text.count("wait_seconds=600") == 1
    file.write_text(text.replace("wait_seconds=600", "wait_seconds=60"))
    finished = subprocess.run(
        [sys.executable, "app.py"],
        cwd=copy,
        env=environment(tmp_path, CDK_OUTDIR=str(tmp_path / "out")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith(
        "darkroom: environment prod: rollout.wait_seconds with auto_rollback is 60"
    )
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "app.py"], ["node", str(CLI), "synth", "--quiet", "--no-notices"]],
    ids=["python", "cdk"],
)
def test_a_finding_ends_synth_with_the_report_and_one_line(
    command: list[str], checkout: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "checkout"
    shutil.copytree(checkout, copy)
    role = copy / "stacks" / "parts" / "role.py"
    role.write_text(role.read_text().replace('"logs:PutLogEvents"', '"logs:*"'))
    finished = subprocess.run(
        command,
        cwd=copy,
        env=environment(tmp_path, CDK_OUTDIR=str(tmp_path / "out")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "AwsSolutions-IAM5[Action::logs:*]" in finished.stderr
    assert "\ndarkroom: cdk-nag found" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("installed", [True, False], ids=["with .venv", "without .venv"])
def test_the_app_command_finds_the_virtual_environment_without_activation(
    installed: bool, tmp_path: Path
) -> None:
    places = {"system": tmp_path / "system", ".venv": tmp_path / ".venv" / "bin"}
    for name, place in places.items():
        if name == ".venv" and not installed:
            continue
        place.mkdir(parents=True)
        python = place / "python3"
        python.write_text(f'#!/bin/sh\necho "{name} $*"\n')
        python.chmod(0o755)
    command = json.loads((REPOSITORY / "cdk.json").read_text())
    assert set(command) == {"app"}
    finished = subprocess.run(
        ["/bin/sh", "-c", command["app"]],
        cwd=tmp_path,
        env={"PATH": f"{places['system']}{os.pathsep}/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout == f"{'.venv' if installed else 'system'} app.py\n"
