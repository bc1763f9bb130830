"""The price list of the repository, brought up to AWS's public one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from scripts.errors import Refused
from scripts.pricing.download import beside, is_url, load
from scripts.pricing.meters import Item
from scripts.pricing.offer import OFFERED, OFFERS, Offer, read_offer, regions_of
from scripts.pricing.snapshot import Price, Prices, Source, SourceKind

INDEX: Final = f"{OFFERS}/current/region_index.json"


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """One price that is not what it was."""

    region: str
    item: Item
    before: Decimal | None
    """None: it was not known."""

    after: Decimal | None
    """None: AWS lists it no more, or with several prices, so that it is not known now."""

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "region": self.region,
            "item": self.item.key,
            "unit": self.item.unit,
            "before_usd": None if self.before is None else float(self.before),
            "after_usd": None if self.after is None else float(self.after),
        }


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """The price list after the offers were taken into it, and what that changed."""

    prices: Prices
    changes: tuple[PriceChange, ...]
    ambiguous: tuple[str, ...]
    sources: tuple[str, ...]


def fetch_offers(origin: str, regions: Sequence[str]) -> Iterator[Offer]:
    """The offers of the regions from a region index, or from an offer file itself.

    `regions` empty: all that an offer file has. Raises Refused for what is neither, and for a
    region that is not in it.
    """
    document = load(origin)
    listed = document.get("regions")
    if not isinstance(listed, Mapping):
        for region in regions or regions_of(document):
            yield read_offer(document, region)
        return
    if not is_url(origin):
        raise Refused(
            f"{origin} is a region index, which names its offer files by address; give its URL, or "
            "one of those files"
        )
    for region, address in _addresses(origin, listed, regions):
        yield read_offer(load(address), region)


def merge(known: Prices, offers: Iterable[Offer], read: date) -> Refreshed:
    """The known prices with those of the offers in place of what was known of their regions.

    Prices of other offers, S3's among them, and of other regions stay as they are.
    """
    regions = {region: dict(rows) for region, rows in known.regions.items()}
    sources = dict(known.sources)
    changes: list[PriceChange] = []
    ambiguous: list[str] = []
    taken = []
    for offer in offers:
        name = f"offer-{offer.region}"
        sources[name] = Source(
            kind=SourceKind.PRICE_LIST, text=offer.source, url=offer.url, read=read
        )
        taken.append(str(sources[name]))
        before = regions.get(offer.region, {})
        after = {item: price for item, price in before.items() if item.meter not in OFFERED}
        for item, listed in offer.prices.items():
            after[item] = Price(usd=listed.usd, source=name, sku=listed.sku)
        changes += _changes(offer.region, before, after)
        ambiguous += [f"{item} in {offer.region}" for item in offer.ambiguous]
        regions[offer.region] = after
    used = {price.source for rows in regions.values() for price in rows.values()}
    return Refreshed(
        prices=Prices(
            sources={name: source for name, source in sources.items() if name in used},
            regions=regions,
        ),
        changes=tuple(changes),
        ambiguous=tuple(ambiguous),
        sources=tuple(taken),
    )


def _changes(
    region: str, before: Mapping[Item, Price], after: Mapping[Item, Price]
) -> Iterator[PriceChange]:
    for item in sorted({*before, *after}):
        old, new = before.get(item), after.get(item)
        if old is None or new is None or old.usd != new.usd:
            yield PriceChange(
                region=region,
                item=item,
                before=old.usd if old else None,
                after=new.usd if new else None,
            )


def _addresses(
    origin: str, listed: Mapping[str, Any], regions: Sequence[str]
) -> Iterator[tuple[str, str]]:
    missing = [region for region in regions if region not in listed]
    if missing:
        raise Refused(
            f"{origin} has no offer for {', '.join(missing)}; it has {', '.join(sorted(listed))}"
        )
    for region in regions:
        row = listed[region]
        address = row.get("currentVersionUrl") if isinstance(row, Mapping) else None
        if not isinstance(address, str):
            raise Refused(f"{origin} names no currentVersionUrl for {region}; fetch it again")
        yield region, beside(origin, address)
