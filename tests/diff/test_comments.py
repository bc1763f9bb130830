"""Each change of a real git history, with the comment that a pull request gets for it.

`WRITE_COMMENTS=1 pytest tests/diff` writes the expected comments anew; git shows the difference.
"""

import json
import os
import re
from pathlib import Path

import pytest

from scripts.differences.comment import LIMIT, MARK
from tests.diff.command import darkroom_diff
from tests.diff.history import History

COMMENTS = Path(__file__).parent / "comments"


def masked(comment: str, told: History) -> str:
    """Without what a new price list or another commit of these tests changes."""
    for name, commit in told.commits.items():
        comment = comment.replace(commit[:9], f"<{name}>")
    return re.sub(r"<?\$[\d,]+\.\d\d", "$N", comment)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("settings", 3),
        ("model", 3),
        ("policy", 3),
        ("bucket", 3),
        ("variant", 3),
        ("endpoint", 3),
        ("words", 0),
    ],
)
def test_a_change_gets_its_comment_and_its_exit_code(told: History, change: str, code: int) -> None:
    finished = darkroom_diff(told.folder, "--head", change, "--format", "markdown")
    assert finished.returncode == code, finished.stderr
    assert finished.stdout.startswith(f"{MARK}\n")
    assert len(finished.stdout) < LIMIT
    assert "darkroom-diff-" not in finished.stdout
    assert "where it left main" in finished.stderr
    found, file = masked(finished.stdout, told), COMMENTS / f"{change}.md"
    if os.environ.get("WRITE_COMMENTS"):
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")


def test_accounts_that_are_decided_are_no_news_but_what_another_may_do_is(told: History) -> None:
    finished = darkroom_diff(told.folder, "--head", "accounts", "--json")
    assert finished.returncode == 3, finished.stderr
    environments = {each["name"]: each for each in json.loads(finished.stdout)["environments"]}
    wider = environments["dev"]["permissions"]["wider"]
    assert "anybody of account 111111111111 may now assume role Delivery/Witness/Role" in wider
    everything = [*wider, *environments["prod"]["permissions"]["wider"]]
    assert not [each for each in everything if "condition" in each]
    # Dev is in an account of its own now; nothing of it is known by its number.
    assert not [each for each in wider if "222222222222" in each]
