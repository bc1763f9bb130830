"""The shell of the workflows, run as a runner runs it: exit codes, outputs, summaries."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.differences.comment import MARK
from tests.unit.workflows.files import SCRIPTS

DARKROOM = Path(sys.executable).with_name("darkroom")


def run(
    folder: Path, script: str, *words: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a script in `folder`; its outputs and its summary are files there."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "GITHUB_", "GIT_"))
    }
    given = {
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "octo/photos",
        "GITHUB_RUN_ID": "42",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return subprocess.run(
        [SCRIPTS / script, *words],
        cwd=folder,
        env={**kept, **given, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def with_cli(folder: Path, text: str | None = None) -> Path:
    """Put the CLI where `make cli` puts it: the real one, or a script that answers in its place."""
    place = folder / ".venv" / "bin" / "darkroom"
    place.parent.mkdir(parents=True)
    if text is None:
        place.symlink_to(DARKROOM)
    else:
        place.write_text(f"#!/usr/bin/env bash\n{text}\n")
        place.chmod(0o755)
    return folder


@pytest.mark.parametrize(("code", "verdict"), [(0, "harmless"), (3, "attention")])
def test_the_diff_is_the_comment_and_its_exit_code_the_verdict(
    tmp_path: Path, code: int, verdict: str
) -> None:
    # What the verb itself answers is tested on real histories in tests/diff.
    with_cli(tmp_path, f"echo '{MARK}'; echo \"$@\"; exit {code}")
    finished = run(tmp_path, "diff.sh", "0123abc", "comment.md")
    assert (finished.returncode, finished.stderr) == (0, "")
    comment = (tmp_path / "comment.md").read_text()
    assert comment == f"{MARK}\ndiff --base 0123abc --head HEAD --format markdown\n"
    assert (tmp_path / "summary").read_text() == comment
    assert (tmp_path / "output").read_text() == f"verdict={verdict}\n"


def test_a_diff_that_is_refused_says_so_in_the_comment_and_fails_the_job(tmp_path: Path) -> None:
    with_cli(tmp_path)
    finished = run(tmp_path, "diff.sh", "no-such-revision", "comment.md")
    assert finished.returncode == 1
    assert "no-such-revision" in finished.stderr
    assert (tmp_path / "comment.md").read_text() == (
        f"{MARK}\n**`darkroom diff` refused this change** (exit code 1); "
        "[the run](https://github.example/octo/photos/actions/runs/42) says why.\n"
    )
    assert (tmp_path / "output").read_text() == "verdict=refused\n"


def test_a_plan_that_is_refused_is_in_the_summary_and_fails_the_job(tmp_path: Path) -> None:
    with_cli(tmp_path)
    finished = run(tmp_path, "plan.sh", "dev")
    assert finished.returncode == 1
    said = finished.stdout.strip()
    assert said.startswith("darkroom: ")
    assert (tmp_path / "summary").read_text() == (
        f"### dev: what deploying changes\n~~~~text\n{said}\n~~~~\n"
    )


def test_only_an_environment_that_ever_had_a_release_is_deployed(tmp_path: Path) -> None:
    releases = tmp_path / "config" / "releases"
    releases.mkdir(parents=True)
    git(tmp_path, "init", "--quiet")
    for name in ("dev", "prod"):
        (releases / f"{name}.json").write_text("{}")
    git(tmp_path, "add", "config")
    git(tmp_path, "commit", "--message", "both are released")
    (releases / "prod.json").unlink()
    git(tmp_path, "commit", "--all", "--message", "prod is taken away, and stays deployed")
    finished = run(tmp_path, "released.sh", "dev", "prod", "staging")
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "output").read_text() == "dev=true\nprod=true\nstaging=false\n"
    assert finished.stdout == (
        "::notice::environment staging never had a release, so nothing is deployed to it; "
        "the first one is a commit of config/releases/staging.json\n"
    )


def test_a_repository_that_cannot_be_asked_deploys_nothing(tmp_path: Path) -> None:
    finished = run(tmp_path, "released.sh", "dev", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert finished.returncode != 0
    assert not (tmp_path / "output").exists()
