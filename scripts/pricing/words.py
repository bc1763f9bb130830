"""Numbers and dates of prices, as both screens write them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from scripts.pricing.amount import Amount
from scripts.pricing.snapshot import Source, SourceKind

UNKNOWN: Final = "not known"


def unit_price(usd: Decimal) -> str:
    """With all of its digits: `$0.115`, `$0.00006`, `$0.30`."""
    text = f"{usd.normalize():f}"
    whole, _, digits = text.partition(".")
    return f"${whole}.{digits.ljust(2, '0')}"


def quantity(amount: Amount) -> str:
    """`730`, `1,460..4,380`, `18.6`: three figures are enough below a thousand."""
    low, high = _number(amount.least), _number(amount.most)
    return low if low == high else f"{low}..{high}"


def per(unit: str) -> str:
    """`an hour`, `a GB`."""
    return f"{'an' if unit.startswith('h') else 'a'} {unit}"


def number(value: Decimal) -> str:
    """As a reader wants a count that is not whole: `1,917`, `18.6`."""
    return _number(value)


def when(source: Source) -> str:
    """When it was read, or what else there is to say of that."""
    if source.kind is SourceKind.DERIVED:
        return "derived"
    return str(source.read) if source.read else "undated"


def read_between(sources: Iterable[Source]) -> str:
    """`read 2026-06-27 to 2026-09-28`: the oldest price says how far to trust a sum."""
    read = [source for source in sources if source.kind is not SourceKind.DERIVED]
    days = sorted(source.read for source in read if source.read)
    undated = len(read) - len(days)
    if not days:
        return "none of them dated"
    first, last = days[0], days[-1]
    span = f"read {first}" if first == last else f"read {first} to {last}"
    return f"{span}, {undated} undated" if undated else span


def _number(value: Decimal) -> str:
    if value == value.to_integral_value() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{float(value):.3g}"
