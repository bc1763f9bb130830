"""What `darkroom diff` says where there is nothing to compare, or one side is broken."""

import json
from pathlib import Path

from tests.checkout import copy_of_the_repository
from tests.diff.command import darkroom_diff
from tests.diff.history import History, git


def test_a_broken_head_is_refused_with_its_own_reason(told: History) -> None:
    finished = darkroom_diff(told.folder, "--base", "main", "--head", "broken")
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert "does not synthesize: config/environments.py:" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_broken_base_is_said_and_everything_is_shown_as_of_head(told: History) -> None:
    finished = darkroom_diff(told.folder, "--base", "broken", "--head", "main", "--json")
    assert finished.returncode == 3, finished.stderr
    found = json.loads(finished.stdout)
    assert found["needs_a_second_look"][0]["why"] == "not compared"
    assert "instance_count" in found["notes"][0]
    assert all(each["added"] for each in found["environments"])


def test_an_unknown_revision_is_refused(told: History) -> None:
    finished = darkroom_diff(told.folder, "--base", "no-such-branch")
    assert finished.returncode == 1
    assert "'no-such-branch' is no commit of this repository" in finished.stderr


def test_a_first_commit_has_nothing_before_it(told: History, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{told.folder}", "shallow")
    finished = darkroom_diff(tmp_path / "shallow")
    assert finished.returncode == 1
    assert "name one with --base" in finished.stderr


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    copy_of_the_repository(tmp_path)
    finished = darkroom_diff(tmp_path)
    assert finished.returncode == 1
    assert "run darkroom in a clone of the repository" in finished.stderr


def test_two_formats_are_wrong_usage(told: History) -> None:
    finished = darkroom_diff(told.folder, "--json", "--format", "markdown")
    assert finished.returncode == 2
    assert "name one of them" in finished.stderr
