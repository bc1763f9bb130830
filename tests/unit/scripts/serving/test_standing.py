"""Where serving stands, and the one screen that shows it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scripts.releases.release_file import ReleaseFile
from scripts.serving.live import PendingRollout
from scripts.serving.standing import Standing, released_earlier
from scripts.serving.standing_screen import standing_screen
from scripts.serving.watch import Alarm, Limits, Watch
from tests.releases import any_model
from tests.unit.scripts.releases.story import Story, release_of
from tests.unit.scripts.serving.fleets import NAME, live, live_variant, released

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
RELEASE = released(champion="first")
DEFAULT = {"BlueGreenUpdatePolicy": {"TerminationWaitInSeconds": 20}}
MISSING = live(status="Missing", variants=(), endpoint_config_name=None)


def standing(**different: Any) -> Standing:
    values: dict[str, Any] = {
        "environment": "dev",
        "app": "darkroom",
        "endpoints": (live(),),
        "watch": Watch(),
        "release": RELEASE,
        "deployed_digest": RELEASE.digest,
        "stack_status": "UPDATE_COMPLETE",
        "deployed_at": NOW - timedelta(minutes=5),
    }
    return Standing(**(values | different))


def screen(shown: Standing, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(standing_screen(shown, NOW))
    return captured.get()


def alarm(state: str) -> Alarm:
    return Alarm(name="a", endpoint=NAME, variant="champion", metric="ModelLatency", state=state)


def test_what_runs_as_released_is_in_step() -> None:
    assert standing().in_step
    assert "in step with config/releases/dev.json" in screen(standing())
    assert "5 min ago, update complete" in screen(standing())


@pytest.mark.parametrize(
    "different",
    [
        {"release": released(champion="second")},
        {"release": None, "deployed_digest": None},
        {"endpoints": (live(), MISSING)},
        {"endpoints": (live(live_variant(trained="other")),)},
        {"deployed_digest": "another"},
        {"stack_status": "UPDATE_IN_PROGRESS"},
    ],
    ids=["other release", "no release", "missing", "other model", "other weights", "updating"],
)
def test_anything_else_is_not_in_step(different: dict[str, Any]) -> None:
    assert not standing(**different).in_step


def test_a_release_file_that_was_changed_but_not_deployed_is_told() -> None:
    assert standing(deployed_digest="another").differences == (
        "the release file was changed after the last deployment",
    )


def test_nothing_deployed_is_an_answer() -> None:
    shown = standing(
        endpoints=(MISSING,), deployed_digest=None, stack_status=None, deployed_at=None
    )
    assert "is not deployed" in screen(shown)
    assert f"{NAME}  not deployed" in screen(shown)
    assert shown.differences == ()


def test_an_update_under_way_shows_its_step_and_no_differences() -> None:
    coming = live_variant(trained="second", phases=("Baking",), current_weight=0.5)
    endpoint = live(
        live_variant(trained="zero"),
        status="Updating",
        pending=PendingRollout(endpoint_config_name="next", variants=(coming,)),
    )
    shown = standing(endpoints=(endpoint,), stack_status="UPDATE_IN_PROGRESS")
    assert shown.differences == ()
    assert "new fleet is watched, 50 % of the traffic" in screen(shown)
    assert "being changed" in screen(shown)


def test_during_an_update_the_traffic_of_a_variant_is_shown_before_and_after() -> None:
    coming = (live_variant(desired_weight=9.0), live_variant("challenger", desired_weight=1.0))
    endpoint = live(
        live_variant(),
        live_variant("challenger2"),
        status="Updating",
        pending=PendingRollout(endpoint_config_name="next", variants=coming),
    )
    shown = screen(standing(endpoints=(endpoint,), stack_status="UPDATE_IN_PROGRESS"), 120)
    rows = {line.split()[0]: line for line in shown.splitlines() if "ml.m5.large" in line}
    assert "50 % -> 90 %" in rows["champion"]
    assert "50 % -> 0 %" in rows["challenger2"]


def test_an_endpoint_that_was_only_created_is_said_to_have_a_way_of_updating() -> None:
    assert "updates by  blue/green" in screen(standing(endpoints=(live(last_deployment=DEFAULT),)))


def test_a_rollout_that_went_back_is_shown_with_its_reason() -> None:
    endpoint = live(failure_reason="alarm errors fired", last_deployment={})
    shown = standing(endpoints=(endpoint,))
    assert "alarm errors fired" in screen(shown)
    endpoint = live(
        failure_reason="alarm errors fired",
        last_deployment={
            "RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}}
        },
    )
    shown = standing(endpoints=(endpoint,))
    assert "last rollout did not come to its end  rolling" in screen(shown)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((), "none"),
        (("OK", "OK"), "OK"),
        (("OK", "INSUFFICIENT_DATA"), "no data yet"),
        (("OK", "ALARM"), "ALARM ModelLatency"),
    ],
    ids=["none", "fine", "no data", "firing"],
)
def test_the_worst_alarm_of_a_variant_is_shown(states: tuple[str, ...], words: str) -> None:
    shown = standing(watch=Watch(alarms=tuple(map(alarm, states))))
    assert words in screen(shown)


def test_a_scaled_variant_shows_its_limits_and_where_it_goes() -> None:
    endpoint = live(live_variant(current_instances=2, desired_instances=4))
    limits = Limits(endpoint=NAME, variant="champion", least=2, most=6)
    shown = standing(endpoints=(endpoint,), watch=Watch(limits=(limits,)))
    assert "2 -> 4 of 2..6 ml.m5.large" in screen(shown, 120)


def test_a_model_that_the_release_file_does_not_know_is_shown_by_its_artifact() -> None:
    stranger = live_variant(trained="stranger")
    assert f"? {stranger.artifact}" in screen(standing(endpoints=(live(stranger),)))


def test_what_an_update_replaces_has_the_name_that_an_earlier_release_gave_it(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path)
    for trained in ("zero", "first"):
        story.commits(release_of(champion=any_model(trained)))
    story.says(release_of(champion=any_model("second")))
    earlier = released_earlier(story.file)
    assert [model.training_job_name for model in earlier] == [
        "darkroom-dev-first",
        "darkroom-dev-zero",
    ]
    endpoint = live(live_variant(trained="zero"), status="Updating")
    shown = standing(endpoints=(endpoint,), earlier=earlier, stack_status="UPDATE_IN_PROGRESS")
    assert "dev-zero" in screen(shown)
    assert released_earlier(ReleaseFile(environment="prod", root=tmp_path / "elsewhere")) == ()


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA", "ALARM"])
def test_alarms_are_whole_on_eighty_columns_also_beside_long_names(state: str) -> None:
    release = released(champion="6102d4df-56afd73c")
    endpoint = live(
        live_variant(trained="6102d4df-56afd73c", current_instances=2, desired_instances=4)
    )
    limits = Limits(endpoint=NAME, variant="champion", least=2, most=6)
    shown = screen(
        standing(
            endpoints=(endpoint,),
            release=release,
            watch=Watch(alarms=(alarm(state), alarm(state)), limits=(limits,)),
        )
    )
    words = {"OK": "OK", "ALARM": "ALARM ModelLatency"}.get(state, "no data yet")
    [row] = (line for line in shown.splitlines() if line.lstrip().startswith("champion"))
    assert row.rstrip().endswith(words)


def test_a_promoted_job_is_called_as_the_history_calls_it() -> None:
    release = released(champion="6102d4df-56afd73c")
    endpoint = live(live_variant(trained="6102d4df-56afd73c"))
    shown = screen(standing(environment="prod", endpoints=(endpoint,), release=release))
    assert " dev-6102d4df-56afd73c " in shown


def test_ten_variants_fit_on_eighty_columns() -> None:
    roles = ["champion", "challenger", *(f"challenger{number}" for number in range(2, 10))]
    endpoint = live(*(live_variant(role) for role in roles))
    lines = screen(standing(endpoints=(endpoint,))).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert sum("ml.m5.large" in line for line in lines) == 10


def test_the_json_holds_every_variant_with_its_model_and_accuracy() -> None:
    (endpoint,) = standing().to_value()["endpoints"]
    (variant,) = endpoint["variants"]
    assert variant["training_job_name"] == "darkroom-dev-first"
    assert variant["validation_accuracy"] == 0.98
    assert variant["share"] == 1.0


@pytest.mark.parametrize(
    ("different", "says"),
    [
        (
            {"endpoints": (live(live_variant(), live_variant("challenger")),)},
            "runs champion and challenger; the release has champion",
        ),
        (
            {"release": (both := released(champion="first", challenger="second"))}
            | {"deployed_digest": both.digest},
            "runs champion; the release has champion and challenger",
        ),
        ({"configs": {"realtime": "config-2"}}, "runs configuration config-1, but its stack made"),
        ({"switched_on": ("serverless",)}, "runs, and bills, although the settings switch it off"),
    ],
    ids=["a variant more", "a variant less", "configuration", "switched off"],
)
def test_what_was_rolled_back_or_left_behind_is_not_in_step(
    different: dict[str, Any], says: str
) -> None:
    shown = standing(**different)
    assert not shown.in_step
    assert any(says in clause for clause in shown.differences)


def test_weights_that_were_changed_behind_the_releases_back_are_told() -> None:
    release = released(champion="first", challenger="second")
    endpoint = live(
        live_variant(current_weight=9.0), live_variant("challenger", "second", current_weight=1.0)
    )
    shown = standing(endpoints=(endpoint,), release=release, deployed_digest=release.digest)
    assert not shown.in_step
    assert shown.differences == (
        f"{NAME}: champion gets 90 % of the requests, not 50 %",
        f"{NAME}: challenger gets 10 % of the requests, not 50 %",
    )


def test_a_serverless_endpoint_is_held_against_the_champion_alone() -> None:
    release = released(champion="first", challenger="second")
    alone = live(
        live_variant(
            desired_instances=None, current_instances=None, max_concurrency=4, memory_size_mb=2048
        ),
        kind="serverless",
    )
    assert standing(endpoints=(alone,), release=release, deployed_digest=release.digest).in_step


def test_while_the_stack_is_changed_its_old_configuration_is_no_difference() -> None:
    shown = standing(configs={"realtime": "config-0"}, stack_status="UPDATE_IN_PROGRESS")
    assert shown.differences == ()
    assert not standing(stack_status="REVIEW_IN_PROGRESS").updating
