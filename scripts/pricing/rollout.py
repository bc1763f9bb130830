"""What one update costs once: the second fleet that bills beside the first (facts C.11, G.1)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from scripts.deployment.planned import PlannedEndpoint
from scripts.pricing.amount import Amount
from scripts.pricing.line import Line, priced
from scripts.pricing.meters import Item, Meter
from scripts.pricing.snapshot import Prices

STARTUP_SECONDS: Final = 600
"""Assumed, until the instances of a new fleet answer: AWS names no figure, minutes are usual."""


def rollout_lines(
    endpoint: PlannedEndpoint,
    seconds: Decimal | int,
    region: str,
    prices: Prices,
) -> tuple[Line, ...]:
    """The lines of an update that lasts so long, billed once; none for a serverless endpoint.

    `seconds` is how long both fleets run: `policy.waits_seconds(...)` and `STARTUP_SECONDS`.
    """
    return tuple(priced(_lines(endpoint, Decimal(seconds)), region, prices))


def _lines(endpoint: PlannedEndpoint, seconds: Decimal) -> Iterator[Line]:
    for variant in endpoint.variants:
        if variant.serverless or not variant.instances:
            continue
        extra = endpoint.policy.extra_instances(variant.instances)
        yield Line(
            group=endpoint.name,
            name=f"{variant.name}: {extra} more x {variant.instance_type}",
            item=Item(Meter.HOSTING, variant.instance_type or ""),
            quantity=Amount.of(extra * seconds / 3600),
            unit="instance-hours",
            why=f"beside the fleet for {round(seconds / 60)} minutes, once an update",
        )
