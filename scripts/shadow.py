"""`darkroom shadow`: would the shadow have answered like the champion?"""

import shutil
import sys
import textwrap
from datetime import UTC
from typing import Final

import click

from config.environments import environment
from config.roles import CHAMPION, SHADOW
from scripts import console, options
from scripts.serving.agreement import tenths, verdict
from scripts.serving.live import live_endpoint
from scripts.serving.metrics import variant_traffic
from scripts.serving.roles import existing_release
from scripts.serving.running import answering_since, check_models
from scripts.serving.shadowing import (
    ShadowReport,
    capture_folder,
    check_shadowing,
    compare,
)
from scripts.serving.window import Since, Window
from scripts.session import open_session

_AT_LEAST: Final = 0.95
_SHOWN_CELLS: Final = 8


def shadow(environment_name: str, window: Window, at_least: float) -> ShadowReport:
    """Compare the captured answers of champion and shadow.

    Only those of the models that run now count. Raises Refused where there is no shadow, no
    capture, or another model than the released one.
    """
    settings = environment(environment_name)
    release = existing_release(settings)
    check_shadowing(settings, release)
    session = open_session(settings)
    live = live_endpoint(session, "realtime")
    check_models(release, live, SHADOW)
    since = max(window.start, answering_since(session, live))
    window = window.from_at_least(since)
    folder = capture_folder(session, live)
    classes = len(release.models[CHAMPION].class_names)
    pairing = compare(folder, classes, since, window.end)
    champion, shadowing = variant_traffic(session, live.name, (CHAMPION, SHADOW), window)
    return ShadowReport(
        endpoint=live.name,
        release=release,
        window=window,
        pairing=pairing,
        verdict=verdict(pairing.comparison, at_least),
        champion=champion,
        shadow=shadowing,
    )


@click.command("shadow")
@options.environment
@click.option(
    "--since",
    "window",
    type=Since(),
    default="24h",
    show_default=True,
    help="How far to look back, at most to the last deployment: 15m, 2h, 1d.",
)
@click.option(
    "--at-least",
    type=click.FloatRange(0, 1),
    help="The share of requests on which they must agree: exit 1 unless the verdict is that they "
    f"do. [default: {_AT_LEAST}, and exit 0 whatever the verdict]",
)
@options.as_json
def command(environment_name: str, window: Window, at_least: float | None, as_json: bool) -> int:
    """Compare what the shadow answered with what the champion answered to the same requests.

    Reads captured answers from S3 and latencies from CloudWatch, and ends with a verdict.
    """
    report = shadow(environment_name, window, _AT_LEAST if at_least is None else at_least)
    if as_json:
        console.result(report.to_json(), as_json=True)
    else:
        show(report)
    if not report.found.pairs:
        console.say("captured answers come minutes after the requests")
    if report.verdict.word == "agrees":
        console.next_step(f"darkroom release --promote shadow --env {environment_name}")
    return 1 if at_least is not None and report.verdict.word != "agrees" else 0


def show(report: ShadowReport) -> None:
    """The comparison on stdout, the verdict last."""
    since = report.window.start.astimezone(UTC)
    click.echo(f"{report.endpoint}, since {since:%Y-%m-%d %H:%M} UTC")
    for role in (CHAMPION, SHADOW):
        click.echo(f"{role:8}  {report.model(role)}")
    click.echo()
    for name, value in _measures(report):
        click.echo(f"{name:16}  {value}")
    click.echo()
    if report.champion.requests or report.shadow.requests:
        console.table(["latency in ms", "champion", "shadow", "difference"], _latencies(report))
        click.echo()
    cells = report.confusion()
    if cells:
        click.echo("where they differ")
        console.table(
            ["champion", "shadow", "pairs"],
            [
                [cell["champion"], cell["shadow"], f"{cell['pairs']:,}"]
                for cell in cells[:_SHOWN_CELLS]
            ],
        )
        if len(cells) > _SHOWN_CELLS:
            more = len(cells) - _SHOWN_CELLS
            click.echo(f"and {more} more kind{'' if more == 1 else 's'}; --json lists them")
        click.echo()
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    click.echo(textwrap.fill(report.verdict.sentence, columns, break_on_hyphens=False))


def _measures(report: ShadowReport) -> list[tuple[str, str]]:
    found, pairing = report.found, report.pairing
    rows = [("pairs", f"{found.pairs:,}")]
    if found.agreement is not None:
        low, high = found.interval
        rows.append(
            (
                "agreement",
                f"{tenths(found.agreement)}  (95 % interval {tenths(low)} to {tenths(high)})",
            )
        )
        shift = found.confidence_shift
        interval = shift.interval()
        bounds = (
            f"  (95 % interval {_points(interval.low)} to {_points(interval.high)})"
            if interval
            else ""
        )
        rows.append(("confidence shift", f"{_points(shift.mean)} points{bounds}"))
    rows.append(
        (
            "without partner",
            f"{pairing.unpaired_champion:,} champion's, {pairing.unpaired_shadow:,} shadow's",
        )
    )
    if pairing.unreadable or pairing.repeated:
        rows.append(
            ("left out", f"{pairing.unreadable:,} unreadable, {pairing.repeated:,} repeated")
        )
    return rows


def _points(share: float) -> str:
    """A difference of probabilities in percentage points."""
    return f"{100 * share:+.2f}"


def _latencies(report: ShadowReport) -> list[list[str]]:
    rows = [["of requests", f"{report.champion.requests:,}", f"{report.shadow.requests:,}", ""]]
    for name in ("p50", "p90", "p99"):
        champion = getattr(report.champion.model_milliseconds, name)
        shadowing = getattr(report.shadow.model_milliseconds, name)
        difference = None if None in (champion, shadowing) else shadowing - champion
        rows.append(
            [
                name,
                "-" if champion is None else f"{champion:,.1f}",
                "-" if shadowing is None else f"{shadowing:,.1f}",
                "-" if difference is None else f"{difference:+,.1f}",
            ]
        )
    return rows
