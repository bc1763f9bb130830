"""Roles and shares in a release file, through the commands that change it; no cloud is needed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.environments import LOCAL
from config.release import Release, read_release
from config.served_in import Override
from config.traffic import Shadow, Single, Split
from scripts.errors import Refused
from scripts.serving.roles import check_role, written
from scripts.serving.shadowing import check_shadowing
from scripts.split import check_split
from tests.releases import any_model, any_release
from tests.unit.scripts.desk import Desk

FIRST, SECOND, THIRD = (any_model(each, artifact_format="onnx") for each in "abc")
SPLIT = replace(LOCAL, traffic=Split())
SHADOWING = replace(LOCAL, traffic=Shadow())


def released(**weights: float) -> Release:
    models = dict(zip(weights, (FIRST, SECOND, THIRD), strict=False))
    return Release(environment="local", models=models, weights=weights)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    assert isinstance(LOCAL.traffic, Split), "the desk's environment splits its traffic"
    desk = Desk(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.leave()


def test_a_split_changes_the_weights_in_the_file_and_is_idempotent(desk: Desk) -> None:
    desk.has(released(champion=1, challenger=0))
    found = desk.gets("split", "champion=90", "challenger=10")
    assert found["changed"]
    assert [row["share"] for row in found["roles"]] == pytest.approx([0.9, 0.1])
    assert [row["share_before"] for row in found["roles"]] == [1, 0]
    assert desk.release == released(champion=90, challenger=10)
    text = desk.file.read_bytes()
    again = desk.types("split", "challenger=10%", "champion=90%")
    assert "nothing changed" in again.err
    assert "next: darkroom deploy --env local" in again.err
    assert "10 %" in again.out
    assert desk.file.read_bytes() == text


def test_a_split_that_leaves_somebody_out_is_refused_and_writes_nothing(desk: Desk) -> None:
    before = released(champion=1, challenger=1)
    desk.has(before)
    refused = desk.types("split", "champion=90")
    assert refused.code == 1
    assert "challenger is missing" in refused.err
    strange = desk.types("split", "champion=90", "challenger2=10").err
    assert "challenger is missing and there is no challenger2; name all of them" in strange
    assert "a number from 0 to 1,000,000 is" in desk.types("split", "champion=1e300").err
    assert "darkroom split champion=W challenger=W --env local" in refused.err
    assert desk.release == before
    for words in (("champion=-1",), ("champion=x",), ("shadow=1",), ("champion=1", "champion=2")):
        assert desk.types("split", *words).code == 2


def test_a_promoted_challenger_is_champion_and_takes_its_traffic_along(desk: Desk) -> None:
    desk.has(released(champion=70, challenger=20, challenger2=10))
    found = desk.gets("release", "--promote", "challenger")
    assert found["champion"] == SECOND.training_job_name
    assert found["replaces"] == FIRST.training_job_name
    assert dict(desk.release.weights) == {"champion": 90, "challenger2": 10}
    assert desk.release.models["challenger2"] == THIRD
    refused = desk.types("release", "--promote", "challenger")
    assert refused.code == 1
    assert "has no challenger to promote; beside the champion it has challenger2" in refused.err


def test_a_challenger_that_the_gates_refuse_does_not_rise_and_nothing_is_written(
    desk: Desk,
) -> None:
    known = Override(gates=("accuracy",), reason="a trial", by="arn:eve", at="2026-01-01T00:00:00Z")
    weak = replace(SECOND, metrics={"validation_accuracy": 0.5}, override=known)
    desk.has(
        replace(
            released(champion=1),
            models={"champion": FIRST, "challenger": weak},
            weights={"champion": 1, "challenger": 0},
        )
    )
    text = desk.file.read_bytes()
    refused = desk.types("release", "--promote", "challenger")
    assert refused.code == 1
    assert "✗  accuracy" in refused.err
    assert "refused by 1 of 6 gates of environment local (accuracy)" in refused.err
    assert desk.file.read_bytes() == text
    assert desk.types("release", "--remove", "challenger").code == 0


def test_what_gates_find_about_a_rising_challenger_is_shown_with_limits(desk: Desk) -> None:
    desk.has(released(champion=1, challenger=0))
    typed = desk.types("release", "--promote", "challenger")
    assert typed.code == 0
    assert "✓  accuracy   0.98" in typed.err
    assert "at least 0.6" in typed.err
    assert "·  artifact   not read again: it was when it was released" in typed.err


def test_a_role_is_taken_out_and_the_champion_never(desk: Desk) -> None:
    desk.has(released(champion=1, challenger=1))
    assert desk.gets("release", "--remove", "challenger")["traffic"] == "champion 100 %"
    assert desk.release == released(champion=1)
    refused = desk.types("release", "--remove", "champion")
    assert refused.code == 1
    assert "champion" in refused.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("job", "--remove", "challenger"),
        ("--remove", "challenger", "--weight", "1"),
        ("job", "--weight", "1"),
        ("job", "--role", "boss"),
        ("job", "--override", " "),
        ("--remove", "challenger", "--override", "why"),
    ],
    ids=" ".join,
)
def test_a_release_is_of_one_kind_or_a_usage_error(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.types("release", *words).code == 2


def test_a_role_that_the_plan_does_not_know_is_refused_with_the_setting() -> None:
    before = released(champion=1)
    for settings, role in ((SPLIT, "shadow"), (SHADOWING, "challenger")):
        with pytest.raises(Refused, match=r"set traffic=(Split|Shadow)\(\) in config/environments"):
            check_role(settings, before, role)
    check_role(SPLIT, before, "challenger9")
    check_role(SHADOWING, before, "shadow")
    with pytest.raises(Refused, match="no champion to put a challenger beside"):
        check_role(SPLIT, None, "challenger")


def test_what_another_plan_left_in_the_release_goes_before_anything_comes() -> None:
    shadowed = any_release("local").with_model("shadow", any_model("second"))
    with pytest.raises(Refused, match=r"still has a shadow, which the traffic plan Split does not"):
        check_role(SPLIT, shadowed, "challenger")
    with pytest.raises(Refused, match=r"`darkroom release --remove challenger --env local`"):
        check_role(SHADOWING, released(champion=1, challenger=1, challenger2=1), "champion")


def test_a_change_that_somebody_else_made_meanwhile_is_not_lost(tmp_path: Path) -> None:
    before, after, theirs = (any_release("local", each) for each in ("a", "b", "c"))
    assert written(LOCAL, None, before, tmp_path).before is None
    written(LOCAL, before, theirs, tmp_path)
    for known in (before, None):
        with pytest.raises(Refused, match=r"local\.json was changed meanwhile.*repeat the same"):
            written(LOCAL, known, after, tmp_path)
    assert read_release("local", tmp_path) == theirs


def test_what_shares_nothing_is_not_split() -> None:
    single = replace(LOCAL, traffic=Single())
    with pytest.raises(Refused, match=r"is Single, where the champion answers everything"):
        check_split(single, released(champion=1), {"champion": 1})
    with pytest.raises(Refused, match="has a champion alone; add a model with"):
        check_split(SPLIT, released(champion=1), {"champion": 1})
    with pytest.raises(Refused, match="all weights are 0"):
        check_split(SPLIT, released(champion=1, challenger=1), {"champion": 0, "challenger": 0})


def test_a_comparison_needs_a_shadow_and_captured_answers() -> None:
    shadowed = any_release("local").with_model("shadow", any_model("second"))
    check_shadowing(SHADOWING, shadowed)
    with pytest.raises(Refused, match=r"is Split, which has no shadow; set traffic=Shadow\(\)"):
        check_shadowing(SPLIT, shadowed)
    with pytest.raises(Refused, match="has no shadow; run `darkroom release JOB --role shadow"):
        check_shadowing(SHADOWING, any_release("local"))
    with pytest.raises(Refused, match=r"captures no answers \(capture=None\)"):
        check_shadowing(replace(SHADOWING, capture=None), shadowed)
    assert LOCAL.capture is not None
    requests_only = replace(LOCAL.capture, response=False)
    with pytest.raises(Refused, match=r"\(capture=CaptureSettings\(response=False\)\)"):
        check_shadowing(replace(SHADOWING, capture=requests_only), shadowed)
