"""An environment that asks nobody stops the job instead of letting it through."""

import subprocess
from typing import Any

import pytest

from tests.unit.workflows.github import github

BRANCHES = {"id": 1, "type": "branch_policy"}
WAITING = {"id": 2, "type": "wait_timer", "wait_timer": 30}


def reviewers(*names: str, prevent_self_review: bool = False) -> dict[str, Any]:
    return {
        "id": 3,
        "type": "required_reviewers",
        "prevent_self_review": prevent_self_review,
        "reviewers": [{"type": "User", "reviewer": {"login": name}} for name in names],
    }


def judged(*rules: dict[str, Any], words: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """What the script says of an environment called prod with these rules."""
    with github() as hub:
        hub.environments["prod"] = {"name": "prod", "protection_rules": list(rules)}
        return hub.run("approval.py", "prod", *words)


@pytest.mark.parametrize("rules", [(), (BRANCHES, WAITING), (reviewers(),)])
def test_an_environment_without_reviewers_is_refused(rules: tuple[dict[str, Any], ...]) -> None:
    finished = judged(*rules)
    assert finished.returncode == 1
    assert finished.stderr == (
        "environment prod asks nobody for an approval; "
        "add required reviewers under Settings, Environments, prod\n"
    )


def test_an_environment_with_reviewers_is_gone_on_in() -> None:
    finished = judged(BRANCHES, reviewers("grace"))
    assert (finished.returncode, finished.stderr) == (0, "")


def test_an_author_who_may_approve_alone_is_no_second_pair_of_eyes() -> None:
    finished = judged(reviewers("ada", "grace"), words=("--not-by-the-author",))
    assert finished.returncode == 1
    assert finished.stderr == (
        "environment prod lets the author approve; "
        "tick Prevent self-review under Settings, Environments, prod\n"
    )
    others = reviewers("ada", "grace", prevent_self_review=True)
    assert judged(others, words=("--not-by-the-author",)).returncode == 0


def test_an_environment_that_is_not_there_is_refused() -> None:
    with github() as hub:
        finished = hub.run("approval.py", "prod")
    assert finished.returncode == 1
    assert finished.stderr.startswith("GET environments/prod: GitHub answered 404: ")
