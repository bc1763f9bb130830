"""One comment on a pull request, made once and then updated."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.differences.comment import LIMIT, MARK
from tests.unit.workflows.github import BOT, GitHub, github

MARKER = f"{MARK}\n"


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with github() as hub:
        yield hub


def written(folder: Path, text: str) -> str:
    path = folder / "comment.md"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_first_push_makes_a_comment_and_the_next_ones_update_it(
    hub: GitHub, tmp_path: Path
) -> None:
    for text in ("first", "second", "third: 20 % → 50 %, `$(rm -rf /)` 'as it is'\n"):
        finished = hub.run("comment.py", "7", written(tmp_path, MARKER + text))
        assert (finished.returncode, finished.stderr) == (0, "")
        assert hub.bodies(7) == [MARKER + text]


def test_a_comment_of_ours_is_found_among_hundreds(hub: GitHub, tmp_path: Path) -> None:
    for number in range(250):
        hub.add_comment(7, "somebody", f"remark {number}")
    ours = hub.add_comment(7, BOT, MARKER + "old")
    hub.add_comment(7, "somebody", "one more remark")
    assert hub.run("comment.py", "7", written(tmp_path, MARKER + "new")).returncode == 0
    assert ours["body"] == MARKER + "new"
    assert len(hub.bodies(7)) == 252


def test_nobody_elses_comment_is_touched(hub: GitHub, tmp_path: Path) -> None:
    others = (
        ("mallory", MARKER + "let me be updated"),
        (None, MARKER + "by an account that is gone"),
        (BOT, "of another workflow"),
    )
    for author, body in others:
        hub.add_comment(7, author, body)
    hub.add_comment(8, BOT, MARKER + "of another pull request")
    assert hub.run("comment.py", "7", written(tmp_path, MARKER + "new")).returncode == 0
    assert hub.bodies(7) == [*(body for _, body in others), MARKER + "new"]
    assert hub.bodies(8) == [MARKER + "of another pull request"]


def test_a_text_that_could_not_be_found_again_is_refused(hub: GitHub, tmp_path: Path) -> None:
    finished = hub.run("comment.py", "7", written(tmp_path, "anything"))
    assert finished.returncode == 1
    assert "does not begin with the line <!-- darkroom diff -->" in finished.stderr
    assert hub.bodies(7) == []


def test_the_longest_text_that_github_takes_is_put_up_and_a_longer_one_refused(
    hub: GitHub, tmp_path: Path
) -> None:
    longest = MARKER + "→" * (LIMIT - len(MARKER))
    assert hub.run("comment.py", "7", written(tmp_path, longest)).returncode == 0
    finished = hub.run("comment.py", "7", written(tmp_path, longest + "→"))
    assert finished.returncode == 1
    assert finished.stderr == "comment.md has 65537 characters; GitHub takes up to 65536\n"
    assert hub.bodies(7) == [longest]


def test_what_github_refuses_is_said_in_one_line(hub: GitHub, tmp_path: Path) -> None:
    hub.token = "expired"
    finished = hub.run("comment.py", "7", written(tmp_path, MARKER + "new"))
    assert finished.returncode == 1
    assert finished.stderr == (
        "GET issues/7/comments?per_page=100&page=1: "
        'GitHub answered 401: {"message": "Bad credentials"}\n'
    )


def test_a_github_out_of_reach_is_said_in_one_line(tmp_path: Path) -> None:
    hub = GitHub()
    hub.url = "http://127.0.0.1:9"  # the discard service's port, where nothing listens
    finished = hub.run("comment.py", "7", written(tmp_path, MARKER + "new"))
    assert finished.returncode == 1
    assert finished.stderr.endswith("run the job again\n")
    assert finished.stderr.count("\n") == 1
