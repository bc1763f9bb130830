"""The price list, and what a refresh changed of it, as a reader sees them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scripts.pricing.refresh import PriceChange, Refreshed
from scripts.pricing.snapshot import Prices
from scripts.pricing.words import UNKNOWN, per, unit_price, when


def list_screen(prices: Prices, regions: Iterable[str]) -> RenderableType:
    """Every known price of the regions; then the sources, by number."""
    rows = {region: prices.regions[region] for region in regions}
    named = dict.fromkeys(
        price.source for known in rows.values() for _, price in sorted(known.items())
    )
    numbers = {name: place for place, name in enumerate(named, start=1)}
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for region, known in rows.items():
        table.add_row(Text(region, "bold"), "", "", Text("read", "dim"), Text("source", "dim"))
        for item, price in sorted(known.items()):
            source = prices.source_of(price)
            table.add_row(
                f"  {item}",
                unit_price(price.usd),
                per(item.unit),
                when(source),
                Text(str(numbers[price.source]), "dim"),
            )
    sources = Table.grid(padding=(0, 2))
    sources.add_column(justify="right", style="dim")
    sources.add_column(overflow="fold", style="dim")
    for name, place in numbers.items():
        sources.add_row(str(place), str(prices.sources[name]))
    return Group(table, "", sources)


def refreshed_screen(refreshed: Refreshed) -> RenderableType:
    """What is dearer, cheaper or gone, each; what is new, by kind."""
    moved = [change for change in refreshed.changes if change.before is not None]
    parts: list[RenderableType] = []
    if moved:
        table = Table.grid(padding=(0, 2))
        for _ in range(2):
            table.add_column()
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        for change in moved:
            table.add_row(change.region, str(change.item), _movement(change), _percent(change))
        parts.append(table)
    parts += _added(refreshed.changes)
    for name in refreshed.ambiguous:
        parts.append(Text(f"{name}: listed with several prices, so none is taken", "yellow"))
    if not refreshed.changes:
        parts.append(Text("no price changed"))
    return Group(*parts)


def _movement(change: PriceChange) -> Text:
    before = unit_price(change.before) if change.before else UNKNOWN
    if change.after is None:
        return Text(f"{before} -> {UNKNOWN}", "yellow")
    return Text(f"{before} -> {unit_price(change.after)} {per(change.item.unit)}")


def _percent(change: PriceChange) -> Text:
    if change.before is None or change.after is None:
        return Text()
    part = 100 * (change.after / change.before - 1)
    return Text(f"{part:+.1f} %", "red" if part > 0 else "green")


def _added(changes: Sequence[PriceChange]) -> Iterator[RenderableType]:
    counts = Counter(
        (change.region, change.item.meter.value) for change in changes if change.before is None
    )
    for (region, meter), count in sorted(counts.items()):
        yield Text(f"{region}  {count} price{'' if count == 1 else 's'} of {meter} added", "dim")
