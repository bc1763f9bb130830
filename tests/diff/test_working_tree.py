"""The working tree as head: what is not committed yet, beside a release that git ignores."""

import json

from config.environments import LOCAL
from tests.diff.command import darkroom_diff
from tests.diff.history import History, edited
from tests.stacks.assembly import release_of, write_release


def test_the_working_tree_is_compared_with_the_last_commit_of_main(told: History) -> None:
    file = told.folder / "config" / "environments.py"
    releases = told.folder / "config" / "releases"
    kept = file.read_text(encoding="utf-8")
    edited(file, "minimum_validation_accuracy=0.9,", "minimum_validation_accuracy=0.5,")
    write_release(release_of(LOCAL), releases)
    try:
        finished = darkroom_diff(told.folder, "--json")
    finally:
        file.write_text(kept, encoding="utf-8")
        (releases / "local.json").unlink()
    assert finished.returncode == 3, finished.stderr
    assert "comparing the working tree with" in finished.stderr
    found = json.loads(finished.stdout)
    assert found["head"]["commit"] is None
    assert found["base"]["commit"] == told.commits["main"]
    assert [
        (each["environment"], each["why"], each["text"]) for each in found["needs_a_second_look"]
    ] == [("prod", "gates", "the least validation accuracy falls from 0.9 to 0.5")]
    # No commit has the local release; it stands on both sides, and so it is no change.
    (local,) = (each for each in found["environments"] if each["name"] == "local")
    assert {each["id"]: each["effect"] for each in local["stacks"]}["local/Serving"] == "nothing"
