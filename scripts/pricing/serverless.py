"""A serverless endpoint as one thing that costs by the request, and what it carries."""

from dataclasses import dataclass
from decimal import Decimal

from scripts.deployment.planned import PlannedEndpoint
from scripts.pricing.meters import Item, Meter
from scripts.pricing.snapshot import Prices
from scripts.pricing.usage import HOURS_PER_MONTH, Usage


@dataclass(frozen=True, kw_only=True)
class Serverless:
    """A serverless endpoint and what it costs, in USD."""

    name: str
    usd_per_second: Decimal
    """Of answering."""

    usd_per_hour: Decimal
    """Of what is kept warm."""

    at_once: int
    """Requests that it answers at the same time; further ones are throttled."""

    def usd_per_request(self, usage: Usage) -> Decimal:
        """Without what is kept warm."""
        return self.usd_per_second * usage.seconds_per_request

    def usd_per_month(self, usage: Usage) -> Decimal:
        """Of the month's requests, and of what is kept warm for them."""
        warm = self.usd_per_hour * HOURS_PER_MONTH
        return usage.requests_per_month * self.usd_per_request(usage) + warm

    def requests_per_hour(self, usage: Usage) -> Decimal:
        """Above so many it throttles, even where they come evenly."""
        return self.at_once * 3600 / usage.seconds_per_request


def serverless_at(endpoint: PlannedEndpoint, region: str, prices: Prices) -> Serverless | None:
    """A serverless endpoint at the region's prices; None where one of them is not known."""
    variant = next(each for each in endpoint.variants if each.serverless)
    memory = str(variant.memory_size_mb)
    warm = variant.provisioned_concurrency or 0
    meter = Meter.PROVISIONED_DURATION if warm else Meter.SERVERLESS
    answering = prices.find(region, Item(meter, memory))
    kept = prices.find(region, Item(Meter.PROVISIONED_USAGE, memory))
    if answering is None or (warm and kept is None):
        return None
    return Serverless(
        name=endpoint.name,
        usd_per_second=answering.usd,
        usd_per_hour=warm * 3600 * kept.usd if kept else Decimal(0),
        at_once=variant.max_concurrency or 0,
    )
