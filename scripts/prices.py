"""`darkroom prices`: the price list that estimates are made from, and its renewal."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from config.environments import ENVIRONMENTS
from scripts import console, options
from scripts.errors import Refused
from scripts.files import write_atomically
from scripts.pricing.list_screen import list_screen, refreshed_screen
from scripts.pricing.refresh import INDEX, Refreshed, fetch_offers, merge
from scripts.pricing.snapshot import FILE, Prices, is_region, read_prices


def show(regions: Sequence[str]) -> tuple[Prices, tuple[str, ...]]:
    """The price list and which of its regions are asked for: all, unless some are named.

    Raises Refused for a region of which it has no price.
    """
    prices = read_prices()
    missing = [region for region in regions if region not in prices.regions]
    if missing:
        raise Refused(
            f"no price is known of region {', '.join(missing)}, only of "
            f"{', '.join(sorted(prices.regions))}; `darkroom prices refresh --region {missing[0]}` "
            "reads AWS's"
        )
    return prices, tuple(dict.fromkeys(regions)) or tuple(sorted(prices.regions))


def refresh(
    regions: Sequence[str], origin: str | None, *, file: Path = FILE, today: date
) -> Refreshed:
    """Bring the price list up to AWS's public one, or to what `origin` has: a file or a URL.

    Everything is read and checked before the file is replaced, at once: an interruption or a
    refusal leaves it as it was. `regions` empty: those of the environments and those that the
    file knows; of an offer file, all that are in it. Raises Refused.
    """
    for region in regions:
        if not is_region(region):
            raise Refused(f"{region!r} is no region; name one such as eu-central-1")
    known = read_prices(file)
    wanted = sorted({each.region for each in ENVIRONMENTS.values()} | set(known.regions))
    chosen = list(dict.fromkeys(regions)) or ([] if origin else wanted)
    refreshed = merge(known, fetch_offers(origin or INDEX, chosen), today)
    write_atomically(file, refreshed.prices.to_text().encode())
    return refreshed


@click.group("prices", invoke_without_command=True)
@options.as_json
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show the price list of the repository with its dates, or renew it."""
    if context.invoked_subcommand is None:
        context.invoke(show_command, regions=(), as_json=as_json)
    elif as_json:
        raise click.UsageError(f"write --json behind {context.invoked_subcommand}")


@command.command("show")
@click.option("--region", "regions", multiple=True, help="[default: every region it knows]")
@options.as_json
def show_command(regions: tuple[str, ...], as_json: bool) -> None:
    """Show the known prices, each with where and when it was read."""
    prices, chosen = show(regions)
    if not as_json:
        console.page(list_screen(prices, chosen))
        return
    document = json.loads(prices.to_text())
    document["regions"] = {region: document["regions"][region] for region in chosen}
    click.echo(json.dumps(document, indent=2))


@command.command("refresh")
@click.option(
    "--region",
    "regions",
    multiple=True,
    help="May be repeated. [default: the environments' and those that the list knows]",
)
@click.option(
    "--from",
    "origin",
    metavar="FILE|URL",
    help="An offer file, or the URL of a region index. [default: AWS's public price list]",
)
@options.as_json
def refresh_command(regions: tuple[str, ...], origin: str | None, as_json: bool) -> None:
    """Read AWS's public price list into the repository's.

    It needs no credentials. Prints what changed; review the file as any other change, because
    every estimate follows from it.
    """
    console.say(f"reading {origin or INDEX}")
    refreshed = refresh(regions, origin, today=datetime.now(UTC).date())
    if as_json:
        value = {
            "changes": [change.to_value() for change in refreshed.changes],
            "ambiguous": list(refreshed.ambiguous),
            "sources": list(refreshed.sources),
        }
        click.echo(json.dumps(value, indent=2))
    else:
        console.page(refreshed_screen(refreshed))
        for source in refreshed.sources:
            console.say(source)
    console.next_step("darkroom diff")
