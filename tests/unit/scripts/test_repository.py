"""git as the verbs ask it, on real repositories."""

import os
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from scripts import repository
from scripts.errors import Refused


class Clone:
    """A repository in a folder, committed to by somebody with a difficult name."""

    def __init__(self, root: Path) -> None:
        root.mkdir(exist_ok=True)
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        identity = ("-c", "user.name=A\x1fB \N{SNOWMAN}", "-c", "user.email=a@example.com")
        return subprocess.run(
            ("git", *identity, *words),
            cwd=self.root,
            env=kept,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def commits(self, message: str, **files: str | bytes | None) -> str:
        """The full name of a commit that changes these files; None deletes one."""
        for name, content in files.items():
            path = self.root / name
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def test_the_log_of_a_file_has_its_changes_newest_first(clone: Clone) -> None:
    first = clone.commits("First, with a separator \x1e and\x1f", a="1")
    clone.commits("Another file", b="1")
    second = clone.commits("Second\n\nwith a body", a="2")
    newest, oldest = repository.log("a", clone.root)
    assert (newest.sha, oldest.sha) == (second, first)
    assert newest.subject == "Second"
    assert oldest.subject == "First, with a separator \x1e and\x1f"
    assert newest.author == "A\x1fB \N{SNOWMAN}"
    assert newest.at == datetime.fromisoformat(clone.git("log", "-1", "--format=%cI"))
    assert newest.short == second[:9]
    assert repository.commit_of("HEAD~2", clone.root) == oldest


def test_the_log_is_the_same_whatever_the_users_own_configuration(clone: Clone) -> None:
    clone.commits("As b", b="the same content, long enough to be a rename\n" * 9)
    renamed = clone.commits("As a", b=None, a="the same content, long enough to be a rename\n" * 9)
    for name, value in (("log.follow", "true"), ("log.showSignature", "true")):
        clone.git("config", name, value)
    assert [each.sha for each in repository.log("a", clone.root)] == [renamed]


def test_a_merge_stands_for_its_branch(clone: Clone) -> None:
    first = clone.commits("First", a="1")
    clone.git("switch", "--quiet", "-c", "side")
    clone.commits("Tried", a="2")
    clone.commits("Kept", a="3")
    clone.git("switch", "--quiet", "main")
    clone.commits("Meanwhile", b="1")
    clone.git("merge", "--quiet", "--no-ff", "-m", "Merged", "side")
    assert [each.subject for each in repository.log("a", clone.root)] == ["Merged", "First"]
    assert repository.log("a", clone.root)[1].sha == first


def test_before_the_first_commit_there_is_no_log_and_no_head(clone: Clone) -> None:
    assert repository.log("a", clone.root) == []
    assert repository.head_commit(clone.root) is None


def test_contents_are_told_of_many_revisions_at_once(clone: Clone) -> None:
    one = clone.commits("Bytes", a=b"\xff\x00\n missing\n")
    two = clone.commits("None", a=None)
    (clone.root / "a").mkdir()
    three = clone.commits("A folder", **{"a/b": "x"})
    asked = [three, two, one, one]
    told = [None, None, b"\xff\x00\n missing\n", b"\xff\x00\n missing\n"]
    assert repository.contents(asked, "a", clone.root) == told
    assert repository.contents([], "a", clone.root) == []


def test_paths_are_below_the_folder_that_is_asked(clone: Clone) -> None:
    inner = clone.root / "inner"
    inner.mkdir()
    clone.commits("Both", **{"a": "outer", "inner/a": "inner"})
    assert repository.contents(["HEAD"], "a", inner) == [b"inner"]
    assert len(repository.log("a", inner)) == 1


@pytest.mark.parametrize("name", ["nothing", "", "-n", "--since=yesterday", "HEAD:a", "HEAD\n"])
def test_what_is_no_commit_is_refused_by_name(clone: Clone, name: str) -> None:
    clone.commits("First", a="1")
    with pytest.raises(Refused, match="is no commit of this repository") as refused:
        repository.resolve(name, clone.root)
    assert repr(name) in str(refused.value)


def test_a_repository_that_calls_us_from_a_hook_is_not_taken_for_the_asked_one(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Clone(tmp_path / "other")
    here = clone.commits("Here", a="1")
    other.commits("There", a="2")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    assert repository.head_commit(clone.root) == here


def test_outside_of_a_repository_each_question_is_refused_in_one_line(tmp_path: Path) -> None:
    for ask in (
        lambda: repository.log("a", tmp_path),
        lambda: repository.resolve("HEAD", tmp_path),
        lambda: repository.is_shallow(tmp_path),
        lambda: repository.contents(["HEAD"], "a", tmp_path),
    ):
        with pytest.raises(Refused, match=r"run darkroom in a clone") as refused:
            ask()
        assert "\n" not in str(refused.value)


def test_ignored_changed_and_shallow_are_told(clone: Clone, tmp_path: Path) -> None:
    clone.commits("First", a="1", **{".gitignore": "mine\n"})
    clone.commits("Second", a="2")
    (clone.root / "mine").write_text("x")
    (clone.root / "new file").write_text("x")
    (clone.root / "a").write_text("3")
    assert repository.is_ignored("mine", clone.root)
    assert not repository.is_ignored("a", clone.root)
    assert repository.changed_files(clone.root) == ["a", "new file"]
    assert not repository.is_shallow(clone.root)
    clone.git("clone", "--quiet", "--depth=1", f"file://{clone.root}", str(tmp_path / "shallow"))
    assert repository.is_shallow(tmp_path / "shallow")


def test_a_revision_is_laid_out_as_files(clone: Clone, tmp_path: Path) -> None:
    clone.commits("First", a="1")
    clone.commits("Second", a="2", b="new")
    target = tmp_path / "files"
    target.mkdir()
    repository.extract("HEAD~1", target, clone.root)
    assert [(each.name, each.read_text()) for each in target.iterdir()] == [("a", "1")]
    with pytest.raises(Refused, match="'v9' is no commit"):
        repository.extract("v9", target, clone.root)


def test_what_is_laid_out_is_what_was_committed_whatever_its_attributes_say(
    clone: Clone, tmp_path: Path
) -> None:
    clone.commits(
        "Hides", a="$Format:%H$\n", **{".gitattributes": "b export-ignore\na export-subst\n"}
    )
    clone.commits("Hidden", b="2")
    (clone.root / "b").chmod(0o755)
    (clone.root / "link").symlink_to("b")
    clone.commits("Runs")
    target = tmp_path / "files"
    target.mkdir()
    repository.extract("HEAD", target, clone.root)
    assert (target / "a").read_text() == "$Format:%H$\n"
    assert (target / "link").read_text() == "2"
    assert (target / "b").stat().st_mode & 0o777 == 0o755


def test_a_revision_that_a_clone_has_not_whole_is_refused(clone: Clone, tmp_path: Path) -> None:
    clone.commits("First", a="1")
    (clone.root / ".git" / "objects" / "56" / "a6051ca2b02b04ef92d5150c9ef600403cb1de").unlink()
    with pytest.raises(Refused, match="a is not in this clone; fetch all of it"):
        repository.extract("HEAD", tmp_path, clone.root)


def test_a_revision_with_a_link_out_of_its_folder_is_refused(clone: Clone, tmp_path: Path) -> None:
    (clone.root / "way-out").symlink_to("../../outside")
    clone.commits("Hostile")
    target = tmp_path / "files"
    target.mkdir()
    with pytest.raises(Refused, match="cannot be laid out as files"):
        repository.extract("HEAD", target, clone.root)
    assert list(target.iterdir()) == []
