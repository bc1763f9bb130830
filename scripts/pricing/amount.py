"""A quantity or a sum that is a range where an endpoint scales."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Amount:
    """From `least` to `most`; the two are equal where nothing scales."""

    least: Decimal
    most: Decimal

    @classmethod
    def of(cls, least: Decimal | int, most: Decimal | int | None = None) -> Self:
        """`most` None: exactly `least`."""
        low = Decimal(least)
        return cls(least=low, most=low if most is None else Decimal(most))

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(least=self.least + other.least, most=self.most + other.most)

    def __mul__(self, factor: Decimal | int) -> "Amount":
        return Amount(least=self.least * factor, most=self.most * factor)

    def dollars(self) -> str:
        """`$83.95`, or `$335.80 to $1,007.40`; less than a cent is not rounded to nothing."""
        low, high = dollars(self.least), dollars(self.most)
        return low if low == high else f"{low} to {high}"

    def to_value(self) -> dict[str, float]:
        """As JSON has it, to a hundredth of a cent."""
        return {"least": round(float(self.least), 4), "most": round(float(self.most), 4)}


NOTHING = Amount.of(0)


def dollars(value: Decimal) -> str:
    """An amount of money as a reader wants it: cents, and `<$0.01` for less than one."""
    if 0 < value < _CENT:
        return "<$0.01"
    return f"${value:,.2f}"
