"""The price list in the repository: `prices.json`, every price with where and when it was read."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from scripts.errors import Refused
from scripts.pricing.meters import Item

FILE: Final = Path(__file__).with_name("prices.json")
_SCHEMA: Final = 1
_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-\d")
_MOST_USD: Final = 10_000
"""No unit that we meter costs as much; a larger number is a mistake of a decimal point."""


class SourceKind(StrEnum):
    """How much a price can be relied on."""

    PRICE_LIST = "price list"
    """AWS's Price List, by SKU or usage type."""

    PRICING_PAGE = "pricing page"
    BILL = "bill"
    """A line of an AWS bill, which names its rate."""

    DERIVED = "derived"
    """Calculated from other prices; the source says how."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where prices were read, and when."""

    kind: SourceKind
    text: str
    url: str
    """Where a reader finds the prices, or those that they are derived from; needs no account."""

    read: date | None
    """None: whoever quotes it does not say when it was read."""

    def __str__(self) -> str:
        read = f"read {self.read}" if self.read else "date not recorded"
        return f"{self.text}, {read}: {self.url}"

    def to_value(self) -> dict[str, str | None]:
        """As JSON has it."""
        read = self.read.isoformat() if self.read else None
        return {"kind": self.kind.value, "read": read, "text": self.text, "url": self.url}


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one unit of an item costs on demand, before free tiers and discounts."""

    usd: Decimal
    source: str
    """Its name among the sources."""

    sku: str | None = None


@dataclass(frozen=True, kw_only=True)
class Prices:
    """The known prices. What is not among them is unknown, and never free."""

    sources: Mapping[str, Source]
    regions: Mapping[str, Mapping[Item, Price]]

    def find(self, region: str, item: Item) -> Price | None:
        """None where the price is not known."""
        return self.regions.get(region, {}).get(item)

    def source_of(self, price: Price) -> Source:
        return self.sources[price.source]

    def sources_for(self, region: str, items: Iterable[Item]) -> dict[Item, Source]:
        """Where the known ones of these prices come from."""
        found = {item: self.find(region, item) for item in sorted(set(items))}
        return {item: self.source_of(price) for item, price in found.items() if price}

    def to_text(self) -> str:
        """As the file has it: one price a line, in a stable order, for a reviewer's diff."""
        sources = {name: source.to_value() for name, source in sorted(self.sources.items())}
        lines = ["{", f'  "schema": {_SCHEMA},', '  "currency": "USD",', '  "sources": {']
        lines += _members(sources, indent=4)
        lines += ["  },", '  "regions": {']
        last = max(self.regions, default="")
        for region, known in sorted(self.regions.items()):
            rows = {item.key: _price_value(known[item]) for item in sorted(known)}
            lines += [f"    {json.dumps(region)}: {{", *_members(rows, indent=6)]
            lines.append("    }" if region == last else "    },")
        return "\n".join([*lines, "  }", "}", ""])


def read_prices(path: Path = FILE) -> Prices:
    """The price list of the repository. Raises Refused for a file that is not one."""
    try:
        return _prices(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        what = f"has no {error}" if isinstance(error, KeyError) else f"is no price list: {error}"
        raise Refused(
            f"the price list {path.name} {what}; bring it back with "
            f"`git checkout -- scripts/pricing/{path.name}`"
        ) from error


def _prices(document: Mapping[str, Any]) -> Prices:
    if document["schema"] != _SCHEMA or document["currency"] != "USD":
        raise ValueError(f"not of schema {_SCHEMA} in USD")
    sources = {
        name: Source(
            kind=SourceKind(value["kind"]),
            text=value["text"],
            url=_url(value["url"]),
            read=date.fromisoformat(value["read"]) if value["read"] else None,
        )
        for name, value in document["sources"].items()
    }
    regions = {
        _region(region): {
            Item.parse(key): _price(key, value, sources) for key, value in rows.items()
        }
        for region, rows in document["regions"].items()
    }
    return Prices(sources=sources, regions=regions)


def _url(text: str) -> str:
    if not text.startswith("https://"):
        raise ValueError(f"{text!r} is no address that a reader can look a price up at")
    return text


def _region(name: str) -> str:
    if not _REGION.fullmatch(name):
        raise ValueError(f"{name!r} is no region")
    return name


def _price(key: str, value: Mapping[str, Any], sources: Mapping[str, Source]) -> Price:
    if value["source"] not in sources:
        raise ValueError(f"the source {value['source']!r} of {key} is not among the sources")
    return Price(usd=checked_usd(value["usd"]), source=value["source"], sku=value.get("sku"))


def checked_usd(text: object) -> Decimal:
    """A price as a decimal string. Raises ValueError: zero is no price, and a typo is none."""
    usd = Decimal(text) if isinstance(text, str) else Decimal("NaN")
    if not (usd.is_finite() and 0 < usd <= _MOST_USD):
        raise ValueError(f"{text!r} is no price above 0 and at most {_MOST_USD} USD")
    return usd


def is_region(name: str) -> bool:
    """Whether it could be the name of one, such as `eu-central-1`."""
    return _REGION.fullmatch(name) is not None


def _price_value(price: Price) -> dict[str, str | None]:
    value: dict[str, str | None] = {"usd": f"{price.usd.normalize():f}", "source": price.source}
    return {**value, "sku": price.sku} if price.sku else value


def _members(rows: Mapping[str, Mapping[str, str | None]], *, indent: int) -> list[str]:
    lines = [f"{' ' * indent}{json.dumps(key)}: {json.dumps(row)}" for key, row in rows.items()]
    return [f"{line}," for line in lines[:-1]] + lines[-1:]
