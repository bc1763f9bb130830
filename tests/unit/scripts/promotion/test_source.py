"""Only what the repository can show to everybody is promoted, in real git repositories."""

import subprocess
from pathlib import Path

import pytest

from scripts.errors import Refused
from scripts.promotion.source import committed_release
from tests.releases import any_release


def git(folder: Path, *arguments: str) -> str:
    command = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments)
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With a committed release of dev."""
    git(tmp_path, "init", "--quiet")
    releases = tmp_path / "config" / "releases"
    releases.mkdir(parents=True)
    (releases / "dev.json").write_text(any_release().to_json(), encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "release")
    return tmp_path


def test_the_commit_is_the_one_that_the_release_file_came_with(repository: Path) -> None:
    released = git(repository, "rev-parse", "HEAD")
    (repository / "README.md").write_text("later\n", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "something else")
    found = committed_release("dev", repository)
    assert found.release == any_release()
    assert found.commit == released


def test_a_release_that_is_not_as_it_was_committed_is_refused(repository: Path) -> None:
    file = repository / "config" / "releases" / "dev.json"
    file.write_text(any_release(trained="second").to_json(), encoding="utf-8")
    with pytest.raises(Refused, match=r"dev\.json is not as it was committed.*git add"):
        committed_release("dev", repository)
    git(repository, "add", ".")  # staged is not committed
    with pytest.raises(Refused, match="not as it was committed"):
        committed_release("dev", repository)


def test_a_release_that_was_never_committed_is_refused(repository: Path) -> None:
    git(repository, "rm", "--quiet", "--cached", "config/releases/dev.json")
    git(repository, "commit", "--quiet", "-m", "forget it")
    with pytest.raises(Refused, match="not as it was committed"):
        committed_release("dev", repository)


def test_a_release_that_git_ignores_is_refused(repository: Path) -> None:
    (repository / ".gitignore").write_text("config/releases/local.json\n", encoding="utf-8")
    file = repository / "config" / "releases" / "local.json"
    file.write_text(any_release("local").to_json(), encoding="utf-8")
    with pytest.raises(Refused, match=r"local\.json is ignored by git"):
        committed_release("local", repository)


def test_before_the_first_release_there_is_nothing_to_promote(repository: Path) -> None:
    with pytest.raises(
        Refused, match=r"prod has no release to promote.*`darkroom promote --from dev --to prod`"
    ):
        committed_release("prod", repository)


def test_outside_of_a_repository_nothing_is_promoted(tmp_path: Path) -> None:
    releases = tmp_path / "config" / "releases"
    releases.mkdir(parents=True)
    (releases / "dev.json").write_text(any_release().to_json(), encoding="utf-8")
    with pytest.raises(Refused, match="not a git repository"):
        committed_release("dev", tmp_path)
