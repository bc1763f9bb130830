"""An estimate as a reader sees it: sums first, then lines, then what they rest on."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scripts.pricing.break_even import BreakEven
from scripts.pricing.estimate import Estimate
from scripts.pricing.line import Line, total, unknown_of
from scripts.pricing.meters import Item
from scripts.pricing.snapshot import Source, SourceKind
from scripts.pricing.usage import HOURS_PER_MONTH, Usage
from scripts.pricing.words import UNKNOWN, number, quantity, read_between, unit_price

_SHORT: Final = {"instance-hours": "h", "seconds": "s", "GB-months": "GB", "GB": "GB"}


def estimate_screen(
    title: str,
    estimate: Estimate,
    compared: BreakEven | None,
    sources: Mapping[Item, Source],
    until_released: Estimate | None = None,
) -> RenderableType:
    """The whole of `darkroom cost`; `until_released` is of an environment without a release."""
    parts: list[RenderableType] = [_headline(title, estimate, until_released)]
    if until_released is not None:
        parts.append(Text(_supposed(until_released), "yellow"))
    parts += [Text(_kinds(estimate), "dim"), "", _lines(estimate)]
    if compared is not None:
        parts += ["", Text("real-time or serverless", "bold"), *_break_even(compared)]
    parts += ["", _foundations(estimate, sources)]
    return Group(*parts)


def _headline(title: str, estimate: Estimate, until_released: Estimate | None) -> Text:
    when = " once it has a release" if until_released else ""
    return Text.assemble((title, "bold"), ": ", (_sum(estimate), "bold"), f" a month{when}")


def _supposed(until_released: Estimate) -> str:
    return (
        "it has none yet: its endpoints are priced as its settings ask for them, with a champion "
        f"alone; until then it costs {_sum(until_released)} a month"
    )


def _sum(estimate: Estimate) -> str:
    return f"{'at least ' if estimate.unknown else ''}{estimate.known_usd.dollars()}"


def _kinds(estimate: Estimate) -> str:
    by_use = total(line for line in estimate.lines if not line.fixed)
    fixed = estimate.fixed_usd.dollars()
    return f"{fixed} whether anybody asks or not; {by_use.dollars()} by use as assumed below"


def _lines(estimate: Estimate) -> Table:
    table = Table.grid(padding=(0, 2), expand=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right")
    table.add_column(justify="right", no_wrap=True)
    for group, members in groupby(estimate.lines, key=lambda line: line.group):
        lines = list(members)
        missing = unknown_of(lines)
        sum_ = total(lines).dollars()
        if missing:
            sum_ = f"at least {sum_}" if len(missing) < len(lines) else UNKNOWN
        table.add_row(Text(group, "bold"), "", Text(sum_, "bold"))
        for line in lines:
            table.add_row(f"  {line.name}", _product(line), _usd(line))
    return table


def _product(line: Line) -> Text:
    text = f"{quantity(line.quantity)} {_SHORT.get(line.unit, '')}".strip()
    if line.unit_usd is None:
        return Text(text, "dim")
    return Text(f"{text} x {unit_price(line.unit_usd)}", "dim")


def _usd(line: Line) -> Text:
    if line.usd is None:
        return Text(UNKNOWN, "yellow") if line.unknown else Text("nothing used", "dim")
    return Text(line.usd.dollars())


def _break_even(compared: BreakEven) -> Iterator[RenderableType]:
    fleet, serverless, usage = compared.fleet, compared.serverless, compared.usage
    asked = f"{number(usage.requests_per_hour)} requests an hour, as assumed"
    if compared.requests_per_hour == 0:
        yield _hanging("real-time is cheaper at any traffic: what is kept warm costs as much alone")
    elif compared.requests_per_hour is None:
        yield _hanging(
            f"serverless is cheaper at any traffic that up to {compared.instances} instances carry"
        )
    else:
        carried = "1 instance" if compared.instances == 1 else f"{compared.instances} instances"
        yield _hanging(
            f"they cost the same at {number(compared.requests_per_hour)} requests an hour, which "
            f"{carried} would carry: serverless is cheaper below, real-time above"
        )
        if compared.requests_per_hour > compared.serverless_limit:
            yield _hanging(
                f"but {serverless.name} throttles above {number(compared.serverless_limit)} an "
                f"hour: {serverless.at_once} requests at once",
                "yellow",
            )
    yield _hanging(f"at {asked}, and without the data, which both bill alike:")
    now = Table.grid(padding=(0, 2))
    now.add_column()
    now.add_column(justify="right")
    now.add_column()
    for name, usd, limit in (
        (fleet.name, compared.realtime_usd_now, "its largest fleet cannot carry it"),
        (serverless.name, compared.serverless_usd_now, "it would throttle"),
    ):
        cheaper = Text("cheaper", "green") if compared.cheaper_now == name else Text()
        shown = Text(limit, "yellow") if usd is None else Text(f"${usd:,.2f}")
        now.add_row(name, shown, cheaper)
    yield Padding(now, (0, 0, 0, 4))


def _foundations(estimate: Estimate, sources: Mapping[Item, Source]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold", style="dim")
    for place, text in enumerate(_assumptions(estimate.usage)):
        table.add_row("assumed" if place == 0 else "", text)
    for place, text in enumerate(estimate.left_out):
        table.add_row("left out" if place == 0 else "", text)
    read = read_between(sources.values())
    table.add_row("prices", f"{estimate.region}, {read}; `darkroom prices` says where")
    derived = [str(item) for item, each in sources.items() if each.kind is SourceKind.DERIVED]
    if derived:
        table.add_row("derived", f"calculated, not read: {', '.join(derived)}")
    if estimate.unknown:
        names = ", ".join(estimate.unknown)
        table.add_row(
            Text(UNKNOWN, "yellow"), Text(f"{names}: in no sum above, and not free", "yellow")
        )
    return table


def _assumptions(usage: Usage) -> Iterator[str]:
    yield (
        f"{usage.requests_per_month:,f} requests a month to each endpoint, evenly; "
        f"{usage.milliseconds_per_request:f} ms each, on either kind"
    )
    yield f"{usage.image_kilobytes:f} kB an image, {usage.answer_kilobytes:f} kB an answer"
    yield f"an instance answers {usage.requests_at_once:f} at a time, each as fast as alone"
    yield f"{usage.stored_gb:f} GB in S3; a month of {HOURS_PER_MONTH} hours"


def _hanging(text: str, style: str = "") -> Padding:
    return Padding(Text(text, style), (0, 0, 0, 2))
