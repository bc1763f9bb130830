"""A real-time endpoint's instances as one thing that costs by the hour and carries so much."""

import math
from dataclasses import dataclass
from decimal import Decimal

from scripts.deployment.planned import PlannedEndpoint
from scripts.deployment.templates import Template
from scripts.pricing.endpoints import fleet_of
from scripts.pricing.meters import Item, Meter
from scripts.pricing.snapshot import Prices
from scripts.pricing.usage import Usage


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The instances of an endpoint and what they cost an hour, in USD."""

    name: str
    usd: Decimal
    """Of the smallest fleet: every variant with as few instances as it may have."""

    least: int
    """Instances that answer, in the smallest fleet; a shadow's answer nobody."""

    most: int
    usd_of_one_more: Decimal

    def usd_per_hour(self, instances: int) -> Decimal:
        """Of so many instances that answer."""
        return self.usd + (instances - self.least) * self.usd_of_one_more


def fleet_at(
    endpoint: PlannedEndpoint, template: Template, region: str, prices: Prices
) -> Fleet | None:
    """An endpoint's fleet at the region's prices; None where one of them is not known."""
    usd = Decimal(0)
    dearest = Decimal(0)
    least = most = 0
    for variant in endpoint.variants:
        price = prices.find(region, Item(Meter.HOSTING, variant.instance_type or ""))
        if price is None:
            return None
        count = fleet_of(endpoint, variant, template)
        usd += count.least * price.usd
        if not variant.shadow:
            least += int(count.least)
            most += int(count.most)
            dearest = max(dearest, price.usd)
    return Fleet(name=endpoint.name, usd=usd, least=least, most=most, usd_of_one_more=dearest)


def instances_for(requests_per_hour: Decimal, usage: Usage) -> int:
    """How many instances carry so many requests, coming evenly and asked without a pause."""
    return math.ceil(requests_per_hour / usage.requests_per_instance_hour)
