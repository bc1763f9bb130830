"""Which revisions are compared when nobody names them."""

from pathlib import Path

import pytest

from scripts.differences.sides import is_aside, sides, trees
from scripts.errors import Refused
from tests.diff.history import git


def commit(folder: Path, text: str) -> str:
    (folder / "file").write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """`main` with two commits, the second checked out."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "first")
    commit(tmp_path, "second")
    return tmp_path


def test_a_branch_is_compared_with_where_it_left_main(repository: Path) -> None:
    left = git(repository, "rev-parse", "main")
    git(repository, "switch", "--quiet", "--create", "change")
    commit(repository, "third")
    git(repository, "switch", "--quiet", "main")
    commit(repository, "fourth")
    base, head = sides(None, "change", repository)
    assert base.commit == left
    assert str(base.chosen) == "where it left main"
    assert head.commit == git(repository, "rev-parse", "change")


def test_a_clean_main_is_compared_with_the_commit_before(repository: Path) -> None:
    base, head = sides(None, None, repository)
    assert base.commit == git(repository, "rev-parse", "main~1")
    assert head.commit is None


def test_an_unfinished_change_is_compared_with_the_last_commit(repository: Path) -> None:
    (repository / "file").write_text("more", encoding="utf-8")
    base, _ = sides(None, None, repository)
    assert base.commit == git(repository, "rev-parse", "main")


def test_the_branch_that_a_clone_came_from_is_main(repository: Path) -> None:
    git(repository, "branch", "--quiet", "-m", "main", "trunk")
    git(repository, "clone", "--quiet", str(repository), str(repository / ".." / "clone"))
    clone = repository.parent / "clone"
    git(clone, "switch", "--quiet", "--create", "change")
    commit(clone, "third")
    base, _ = sides(None, None, clone)
    assert str(base.chosen) == "where it left origin/trunk"


def test_the_only_remote_may_have_any_name_and_need_not_name_its_default(repository: Path) -> None:
    clone = repository.parent / "fork"
    git(repository, "clone", "--quiet", "--origin", "upstream", str(repository), str(clone))
    git(clone, "switch", "--quiet", "--create", "change")
    git(clone, "branch", "--quiet", "--delete", "--force", "main")
    commit(clone, "third")
    assert str(sides(None, None, clone)[0].chosen) == "where it left upstream/main"
    git(clone, "remote", "set-head", "upstream", "--delete")
    base, _ = sides(None, None, clone)
    assert str(base.chosen) == "where it left upstream/main"
    assert base.commit == git(repository, "rev-parse", "main")


def test_of_several_remotes_none_is_guessed(repository: Path) -> None:
    for name in ("one", "other"):
        git(repository, "remote", "add", name, str(repository))
        git(repository, "fetch", "--quiet", name)
    git(repository, "branch", "--quiet", "-m", "main", "trunk")
    (repository / "file").write_text("more", encoding="utf-8")
    assert "--base names another" in str(sides(None, None, repository)[0].chosen)


def test_a_main_that_has_moved_on_is_aside_and_an_ancestor_is_not(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "change", "main~1")
    commit(repository, "third")
    assert is_aside(*sides("main", "change", repository), repository)
    assert is_aside(*sides("main", None, repository), repository)
    assert not is_aside(*sides("main~1", "change", repository), repository)
    assert not is_aside(*sides("main~1", "main", repository), repository)


def test_without_a_main_an_unfinished_change_has_the_last_commit(repository: Path) -> None:
    git(repository, "branch", "--quiet", "-m", "main", "trunk")
    (repository / "file").write_text("more", encoding="utf-8")
    base, _ = sides(None, None, repository)
    assert base.commit == git(repository, "rev-parse", "HEAD")
    assert "no branch is called main" in str(base.chosen)


def test_the_first_commit_of_all_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "first")
    with pytest.raises(Refused, match="has none before it"):
        sides(None, None, tmp_path)


def test_the_trees_are_gone_whatever_ends_the_comparison(repository: Path) -> None:
    found: list[Path] = []

    def look() -> None:
        base, head = sides("main~1", "main", repository)
        with trees(base, head, repository) as both:
            found.extend(both)
            assert [(tree / "file").read_text(encoding="utf-8") for tree in both] == [
                "first",
                "second",
            ]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look()
    assert len(found) == 2
    assert not any(tree.exists() for tree in found)
