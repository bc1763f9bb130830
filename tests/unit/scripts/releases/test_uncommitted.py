"""A release that is about to be deployed and that no commit has."""

from pathlib import Path

import pytest

from config.environments import DEV, PROD
from scripts import promote
from scripts.releases.release_file import ReleaseFile
from scripts.releases.uncommitted import uncommitted_notice
from tests.releases import any_release
from tests.unit.scripts.releases.story import Story, proven, release_of

A, B = (release_of(champion=proven(each)) for each in "ab")
COMMIT = "git add config/releases/prod.json && git commit"


def test_a_release_that_is_in_no_commit_is_told_with_the_command_that_commits_it(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path)
    story.commits(A)
    assert uncommitted_notice(PROD, tmp_path) is None
    story.says(B)
    assert str(uncommitted_notice(PROD, tmp_path)).endswith(
        f"in no commit, so nobody could look up what is deployed; commit it: {COMMIT}"
    )
    story.git("add", "--all")
    assert uncommitted_notice(PROD, tmp_path) is not None, "staged is not committed"


def test_a_first_release_that_nobody_added_is_told_as_well(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.says(A)
    assert uncommitted_notice(PROD, tmp_path) is not None


def test_what_git_ignores_and_what_needs_no_proof_is_not_told(tmp_path: Path) -> None:
    story = Story(tmp_path, DEV.name)
    story.says(any_release())
    assert uncommitted_notice(DEV, tmp_path) is None
    (tmp_path / ".gitignore").write_text("config/releases/prod.json\n", encoding="utf-8")
    Story(tmp_path).says(A)
    assert uncommitted_notice(PROD, tmp_path) is None


def test_without_a_repository_nothing_is_told(tmp_path: Path) -> None:
    assert uncommitted_notice(PROD, tmp_path) is None


def test_a_repeated_promotion_says_that_the_first_one_is_not_committed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = Story(tmp_path)
    story.says(A)
    file = ReleaseFile(environment="prod", root=tmp_path)
    promote.say_unchanged(file)
    told = capsys.readouterr().err
    assert f"config/releases/prod.json is not committed yet: {COMMIT}" in told
    assert f"next: {COMMIT}" in told
    story.commits(A)
    promote.say_unchanged(file)
    assert "next: darkroom deploy --env prod" in capsys.readouterr().err
