"""What `traffic` and `shadow` show, with much to tell and with nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scripts import shadow as shadow_verb
from scripts import traffic as traffic_verb
from scripts.serving.agreement import Answer, verdict
from scripts.serving.live import LiveEndpoint, LiveVariant
from scripts.serving.metrics import Percentiles, VariantTraffic
from scripts.serving.pairs import Pairing
from scripts.serving.shadowing import ShadowReport
from scripts.serving.window import window
from scripts.traffic import EndpointTraffic, VariantShare
from tests.releases import any_model, any_release

WINDOW = window("1h", datetime(2026, 3, 1, 12, tzinfo=UTC))
UNKNOWN = Percentiles(p50=None, p90=None, p99=None)
WIDTH = 80


def measured(variant: str, requests: int, latency: Percentiles = UNKNOWN) -> VariantTraffic:
    return VariantTraffic(
        variant=variant,
        requests=requests,
        client_errors=0,
        server_errors=requests // 100,
        model_milliseconds=latency,
        overhead_milliseconds=UNKNOWN,
        cold_starts=0,
    )


def endpoint(left: str | None = None, **requests: int) -> EndpointTraffic:
    variants = tuple(
        LiveVariant(name=name, current_weight=1.0, shadow=name == "shadow") for name in requests
    )
    live = LiveEndpoint(kind="realtime", name="e", status="InService", variants=variants)
    return EndpointTraffic(
        live=live,
        window=WINDOW,
        variants=[
            VariantShare(
                traffic=measured(each.name, requests[each.name]),
                weight=each.current_weight,
                wanted=live.share(each),
                shadow=each.shadow,
                model=None if each.name == left else f"job-of-{each.name}",
            )
            for each in variants
        ],
    )


def test_a_share_is_of_the_requests_that_somebody_got_an_answer_to() -> None:
    split = endpoint(champion=300, challenger=100).to_json()
    assert split["requests"] == 400
    assert [row["share"] for row in split["variants"]] == [0.75, 0.25]
    assert [row["weight_share"] for row in split["variants"]] == [0.5, 0.5]
    shadowed = endpoint(champion=300, shadow=150).to_json()
    assert shadowed["requests"] == 300
    assert [row["share"] for row in shadowed["variants"]] == [1, 0.5]


def test_traffic_fits_a_terminal_and_shows_a_dash_for_what_nobody_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    traffic_verb.show(endpoint(champion=1_234_567, challenger9=12_345, challenger2=0))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "e  1,246,912 requests in the last 1h"
    assert max(map(len, lines)) <= WIDTH
    row = next(line for line in lines if line.startswith("challenger2 "))
    assert row.split()[1:3] == ["0", "0"]
    assert row.split()[-1] == "-"


def test_models_younger_than_the_window_are_not_credited_with_what_is_older(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = endpoint(left="challenger2", champion=300, challenger=100, challenger2=50)
    for since, said in ((WINDOW.end, True), (WINDOW.start, False)):
        traffic_verb.show(replace(found, since=since))
        words = capsys.readouterr().out
        assert ("earlier requests in this window may be other models'" in words) == said
        assert ("challenger is job-of-challenger since 2026-03-01 12:01 UTC\n" in words) == said
        assert "challenger2 is" not in words


def test_a_window_that_begins_with_the_deployment_says_so_and_needs_no_note(
    capsys: pytest.CaptureFixture[str],
) -> None:
    since = WINDOW.end - timedelta(minutes=5)
    found = replace(
        endpoint(champion=300),
        since=since,
        from_deployment=True,
        window=WINDOW.from_at_least(since),
    )
    traffic_verb.show(found)
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == (
        "e  300 requests since 2026-03-01 11:56 UTC, when this configuration was deployed"
    )
    assert second.startswith("variant")


def test_a_variant_that_has_left_keeps_its_requests_in_the_total(
    capsys: pytest.CaptureFixture[str],
) -> None:
    traffic_verb.show(endpoint(left="challenger", champion=300, challenger=100))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "e  400 requests in the last 1h"
    row = next(line for line in lines if line.startswith("challenger"))
    assert row.split()[1:5] == ["100", "25", "%", "left"]


def test_without_requests_no_table_of_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    traffic_verb.show(endpoint(champion=0))
    assert capsys.readouterr().out == "e  0 requests in the last 1h\n"


def report(pairs: int, differing: int, latency: Percentiles = UNKNOWN) -> ShadowReport:
    classes = tuple(f"class {number}" for number in range(40))
    release = any_release("local", class_names=classes).with_model(
        "shadow", any_model("second", class_names=classes)
    )
    pairing = Pairing()
    for number in range(pairs):
        label = number % 30 if number < differing else 0
        pairing.comparison.add(Answer(0, 0.9), Answer(label + (number < differing), 0.8))
    return ShadowReport(
        endpoint="darkroom-local-realtime",
        release=release,
        window=WINDOW,
        pairing=pairing,
        verdict=verdict(pairing.comparison, 0.95),
        champion=measured("champion", pairs, latency),
        shadow=measured("shadow", pairs, latency),
    )


def test_a_comparison_is_one_screen_that_ends_with_its_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = report(1000, 200, Percentiles(p50=1.5, p90=None, p99=1234.5))
    shadow_verb.show(found)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 30
    assert max(len(line) for line in lines[:-1]) <= WIDTH
    assert lines[-1].startswith("differs: 800 of 1,000 pairs have the same class, 80.0 %")
    assert "and 22 more kinds; --json lists them" in lines
    assert ["of", "requests", "1,000", "1,000"] in [line.split() for line in lines]
    title = lines.index("where they differ")
    assert lines[title + 1] == "champion   shadow  pairs"
    assert lines[title + 2] == "class 0   class 1      7"
    value = found.to_json()
    assert value["verdict"] == "differs"
    assert len(value["confusion"]) == 30
    assert value["confusion"][0] == {"champion": "class 0", "shadow": "class 1", "pairs": 7}
    assert value["confidence_shift"] == pytest.approx(-0.1)
    assert value["agreement_interval"][0] < 0.8 < value["agreement_interval"][1]


def test_a_comparison_of_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    found = report(0, 0)
    shadow_verb.show(found)
    assert capsys.readouterr().out.splitlines()[-1].startswith("not enough: 0 pairs")
    shadow_verb.show(report(1, 0))
    assert capsys.readouterr().out.splitlines()[-1].startswith("not enough: 1 pair, and")
    value = found.to_json()
    assert value["agreement"] is value["confidence_shift"] is value["agreement_interval"] is None
