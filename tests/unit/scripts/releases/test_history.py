"""The releases of an environment, told by real git histories of its release file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from config.served_in import Override
from scripts.errors import Refused
from scripts.releases.history import Entry, History, history_of
from scripts.releases.history_screen import history_screen
from scripts.releases.release_file import ReleaseFile
from tests.releases import any_model, any_release
from tests.unit.scripts.releases.story import Story, proven, release_of

FIRST, SECOND, THIRD = (proven(each, 0.9 + 0.01 * n) for n, each in enumerate("abc"))
A, B, C = (release_of(champion=each) for each in (FIRST, SECOND, THIRD))


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def words(found: History) -> list[str]:
    """How each release came, or what stands in its place."""
    return [
        each.origin.words if each.origin else each.version.problem or "no release"
        for each in found.entries
    ]


def names(found: History) -> list[str]:
    return [each.version.name for each in found.entries]


def shown(found: History, width: int = 80, limit: int = 10) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(history_screen(found, "darkroom", limit))
    return captured.get()


def test_releases_come_newest_first_and_are_compared_with_those_before(story: Story) -> None:
    first = story.commits(A, author="Grace")
    second = story.commits(B)
    found = history_of(story.file)
    assert names(found) == [second[:9], first[:9]]
    assert words(found) == ["champion promoted from dev"] * 2
    assert [each.accuracy_change for each in found.entries] == [0.01, None]
    newest, oldest = (each.to_value() for each in found.entries)
    assert newest["commit"] == second
    assert newest["models"]["champion"]["served_in"]["environment"] == "dev"
    assert newest["digest"] == B.digest
    assert oldest["author"] == "Grace"
    assert oldest["committed_at"] == "2026-03-02T12:00:00+00:00"
    json.dumps(newest)


def test_what_is_not_committed_stands_on_top_as_long_as_it_differs(story: Story) -> None:
    story.commits(A)
    assert len(history_of(story.file).entries) == 1
    story.says(json.dumps(json.loads(A.to_json())))
    assert len(history_of(story.file).entries) == 1, "another spelling is the same release"
    story.says(B)
    assert names(history_of(story.file))[0] == "uncommitted"
    story.says(None)
    found = history_of(story.file)
    assert names(found)[0] == "uncommitted"
    assert words(found)[0] == "no release"


def test_a_new_spelling_of_a_release_is_none_and_keeps_its_first_commit(story: Story) -> None:
    first = story.commits(A)
    story.commits(json.dumps(json.loads(A.to_json()), indent=4))
    second = story.commits(B)
    assert names(history_of(story.file)) == [second[:9], first[:9]]


def test_a_return_to_an_earlier_release_is_a_rollback_to_its_commit(story: Story) -> None:
    first = story.commits(A)
    story.commits(B)
    pardon = Override(gates=("served_in",), reason="fire", by="arn", at="2026-03-01T12:00:00Z")
    story.commits(release_of(champion=replace(FIRST, override=pardon)))
    found = history_of(story.file)
    assert words(found)[0] == f"rolled back to {first[:9]}"
    assert found.entries[0].to_value()["rolled_back_to"] == first
    assert found.entries[0].accuracy_change == -0.01
    story.commits(A)
    assert words(history_of(story.file))[0] == "the same models on other proof"


def test_what_became_of_each_role_is_said(story: Story) -> None:
    trained_here, split = any_model("d"), {"champion": 9.0, "challenger": 1.0}
    story.commits(release_of(champion=trained_here))
    story.commits(release_of(champion=trained_here, challenger=SECOND))
    story.commits(release_of(champion=trained_here, challenger=SECOND, weights=split))
    story.commits(release_of(champion=SECOND))
    story.commits(release_of(champion=SECOND, shadow=THIRD))
    story.commits(release_of(champion=SECOND, challenger=FIRST))
    assert words(history_of(story.file)) == [
        "challenger promoted from dev, shadow taken out",
        "shadow promoted from dev",
        "challenger made champion",
        "traffic split anew",
        "challenger promoted from dev",
        "champion released",
    ]


def test_a_deleted_file_and_an_unreadable_one_are_told_of(story: Story) -> None:
    story.commits(A)
    story.commits(None)
    story.commits('{"schema": 1,')
    story.commits(b"\xff\xfe")
    story.commits(any_release("dev"))
    again = story.commits(A)
    found = history_of(story.file)
    assert words(found)[0].startswith("rolled back to ")
    assert names(found)[0] == again[:9]
    assert words(found)[1] == "config/releases/prod.json is a release of environment dev"
    assert words(found)[2] == "config/releases/prod.json is no UTF-8 text"
    assert words(found)[3].startswith("config/releases/prod.json is not JSON")
    assert words(found)[4] == "no release"
    assert "no release: the file was deleted" in shown(found)
    assert found.entries[1].to_value()["models"] == {}


def test_a_file_that_nests_too_deep_to_be_read_is_told_of_too(story: Story) -> None:
    story.commits("[" * 100_000)
    story.commits(A)
    assert "is not JSON" in words(history_of(story.file))[1]


def test_a_merge_stands_for_what_its_branch_went_through(story: Story) -> None:
    story.commits(A)
    story.git("switch", "--quiet", "-c", "try")
    story.commits(B)
    story.commits(C)
    story.git("switch", "--quiet", "main")
    story.git("merge", "--quiet", "--no-ff", "-m", "Merge the release", "try")
    found = history_of(story.file)
    assert len(found.entries) == 2
    newest = found.entries[0].version
    assert newest.release == C
    assert newest.commit is not None
    assert newest.commit.subject == "Merge the release"


def test_before_the_first_release_there_is_none(story: Story) -> None:
    assert history_of(story.file).entries == []
    (story.root / "README").write_text("x")
    story.git("add", "--all")
    story.git("commit", "--quiet", "-m", "Begin")
    found = history_of(story.file)
    assert found.entries == []
    assert "no release" in shown(found)


def test_a_file_that_git_ignores_has_only_the_present(story: Story) -> None:
    (story.root / ".gitignore").write_text("config/releases/prod.json\n")
    story.says(A)
    found = history_of(story.file)
    assert found.ignored
    assert names(found) == ["uncommitted"]


def test_a_shallow_clone_says_that_it_lacks_the_older_ones(story: Story, tmp_path: Path) -> None:
    for release in (A, B, C):
        story.commits(release)
    target = tmp_path / "clone"
    story.git("clone", "--quiet", "--depth=1", f"file://{story.root}", str(target))
    found = history_of(replace(story.file, root=target))
    assert found.shallow
    assert len(found.entries) == 1
    assert not history_of(story.file).shallow


def test_outside_of_a_repository_one_line_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"not a git repository.*run darkroom in a clone"):
        history_of(ReleaseFile(environment="prod", root=tmp_path))


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_has_a_line_a_model_and_fits(story: Story, width: int) -> None:
    pardon = Override(
        gates=("accuracy",),
        reason="demo\x1b[31m",
        by="arn:aws:iam::111122223333:user/ada",
        at="2026-03-01T12:00:00Z",
    )
    story.commits(A)
    story.commits(release_of(champion=FIRST, challenger=replace(SECOND, override=pardon)))
    story.commits(C, author="A person\twith a long name")
    screen = shown(history_of(story.file), width)
    lines = screen.splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0] == "prod  config/releases/prod.json, 3 releases"
    assert lines[1].split() == [
        "role",
        "training",
        "job",
        "accuracy",
        "change",
        "traffic",
        "dataset",
    ]
    rows = [line.split() for line in lines if line.startswith("  champion  ")]
    assert [row[1:3] for row in rows] == [
        ["dev-c", "0.9200"],
        ["dev-a", "0.9000"],
        ["dev-a", "0.9000"],
    ]
    assert [row[3] for row in rows] == ["+0.0200", "=", "100"]
    assert "challenger: accuracy overridden by user/ada: demo\\x1b[31m" in screen
    assert "\x1b" not in screen
    assert "A person\\twith a long name" in screen


def test_a_long_name_pushes_no_commit_off_a_narrow_screen(story: Story) -> None:
    commit = story.commits(A, author="Bartholomew " * 6)
    found = history_of(story.file)
    assert f"2026-03-02 12:00 UTC  {commit[:9]}  Bartholomew Bartholomew" in shown(found)
    assert found.entries[0].to_value()["author"].count("Bartholomew") == 6


def test_only_as_many_as_asked_for_are_shown(story: Story) -> None:
    for release in (A, B, C):
        story.commits(release)
    found = history_of(story.file)
    assert shown(found, limit=2).count("champion promoted") == 2
    newest: Entry = found.entries[0]
    assert newest.accuracy_change == 0.01
