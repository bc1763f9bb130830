"""Each change of a real git history, with the comment that a pull request gets for it.

`WRITE_COMMENTS=1 pytest tests/diff` writes the expected comments anew; git shows the difference.
"""

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
