"""One line of an estimate: so much of something, at a price that is known or not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from scripts.pricing.amount import NOTHING, Amount
from scripts.pricing.meters import Item
from scripts.pricing.snapshot import Prices


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is billed for one thing: by the month, or once where it happens once."""

    group: str
    """What it belongs to: an endpoint's name, or `storage`."""

    name: str
    quantity: Amount
    unit: str
    item: Item | None = None
    """None: nothing that the price list could know."""

    fixed: bool = False
    """Billed whether anybody asks or not; else it follows from the assumed use."""

    why: str = ""
    """The assumption or the rule behind the quantity."""

    region: str = ""
    unit_usd: Decimal | None = None
    """None: not known, or not looked up yet (`priced`)."""

    @property
    def usd(self) -> Amount | None:
        """None where the price is not known."""
        return None if self.unit_usd is None else self.quantity * self.unit_usd

    @property
    def unknown(self) -> str | None:
        """What has no known price, by name; None also where nothing of it is used."""
        if self.unit_usd is not None or self.quantity == NOTHING:
            return None
        return self.name if self.item is None else f"{self.item} in {self.region}"

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        usd = self.usd
        return {
            "group": self.group,
            "name": self.name,
            "item": self.item.key if self.item else None,
            "quantity": self.quantity.to_value(),
            "unit": self.unit,
            "unit_usd": None if self.unit_usd is None else float(self.unit_usd),
            "usd": usd.to_value() if usd else None,
            "fixed": self.fixed,
            "why": self.why,
        }


def priced(lines: Iterable[Line], region: str, prices: Prices) -> Iterator[Line]:
    """The lines with the region's price of a unit, where it is known."""
    for line in lines:
        price = prices.find(region, line.item) if line.item else None
        yield replace(line, region=region, unit_usd=price.usd if price else None)


def total(lines: Iterable[Line]) -> Amount:
    """The sum of the lines whose price is known."""
    return sum((line.usd for line in lines if line.usd is not None), NOTHING)


def unknown_of(lines: Iterable[Line]) -> tuple[str, ...]:
    """What of the lines has no known price, each by name, once."""
    return tuple(dict.fromkeys(line.unknown for line in lines if line.unknown))
