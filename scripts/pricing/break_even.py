"""Real-time against serverless: from which traffic on an always-running fleet is the cheaper one.

A fleet costs the same whatever it is asked; a serverless endpoint costs by the request. Data is
billed alike on both, so it does not decide (facts sheet G.3).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scripts.deployment.planned import planned_endpoints
from scripts.deployment.templates import Template
from scripts.pricing.fleet import Fleet, fleet_at, instances_for
from scripts.pricing.serverless import Serverless, serverless_at
from scripts.pricing.snapshot import Prices
from scripts.pricing.usage import HOURS_PER_MONTH, Usage


@dataclass(frozen=True, kw_only=True)
class BreakEven:
    """Where the two cost the same, and which one is cheaper for the assumed traffic."""

    fleet: Fleet
    serverless: Serverless
    usage: Usage
    requests_per_hour: Decimal | None
    """None: the fleet is never the cheaper one within what it can carry."""

    instances: int
    """Of the fleet that carries the break-even traffic, or the largest one there may be."""

    @property
    def realtime_usd_now(self) -> Decimal | None:
        """A month of the fleet for the assumed traffic; None where the largest is too small."""
        needed = instances_for(self.usage.requests_per_hour, self.usage)
        if needed > self.fleet.most:
            return None
        return self.fleet.usd_per_hour(max(needed, self.fleet.least)) * HOURS_PER_MONTH

    @property
    def serverless_usd_now(self) -> Decimal | None:
        """A month of the assumed traffic; None where it would be throttled."""
        if self.usage.requests_per_hour > self.serverless_limit:
            return None
        return self.serverless.usd_per_month(self.usage)

    @property
    def cheaper_now(self) -> str | None:
        """The name of the endpoint that costs less for the assumed traffic, of those that carry it.

        None where neither carries it, or both cost the same.
        """
        realtime, serverless = self.realtime_usd_now, self.serverless_usd_now
        if realtime is None or serverless is None:
            if realtime is serverless:
                return None
            return self.serverless.name if realtime is None else self.fleet.name
        if realtime == serverless:
            return None
        return self.fleet.name if realtime < serverless else self.serverless.name

    @property
    def serverless_limit(self) -> Decimal:
        """The requests an hour above which the serverless endpoint throttles."""
        return self.serverless.requests_per_hour(self.usage)

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "realtime": self.fleet.name,
            "serverless": self.serverless.name,
            "requests_per_hour": _number(self.requests_per_hour),
            "instances": self.instances,
            "serverless_limit_per_hour": _number(self.serverless_limit),
            "now": {
                "requests_per_hour": _number(self.usage.requests_per_hour),
                "realtime_usd": _number(self.realtime_usd_now),
                "serverless_usd": _number(self.serverless_usd_now),
                "cheaper": self.cheaper_now,
            },
        }


def break_even(fleet: Fleet, serverless: Serverless, usage: Usage) -> BreakEven:
    """Where the fleet, grown as far as the traffic needs it, first costs no more than serverless.

    An instance answers `usage.requests_at_once` requests at the same time, each in the time that
    the serverless endpoint takes too; traffic comes evenly.
    """
    instances = _needed(fleet, serverless, usage)
    requests = None
    if instances is None or instances > fleet.most:
        instances = fleet.most
    else:
        dearer = fleet.usd_per_hour(instances) - serverless.usd_per_hour
        # What is kept warm may cost more than the fleet: then serverless is never the cheaper one.
        requests = max(Decimal(0), dearer / serverless.usd_per_request(usage))
    return BreakEven(
        fleet=fleet,
        serverless=serverless,
        usage=usage,
        requests_per_hour=requests,
        instances=instances,
    )


def _needed(fleet: Fleet, serverless: Serverless, usage: Usage) -> int | None:
    """The smallest fleet that carries the traffic which serverless answers for the same money.

    None: each further instance costs more than serverless for all that the instance can answer.
    """
    least = max(1, fleet.least)
    # What serverless costs for all that one instance can answer in an hour.
    answered = serverless.usd_per_request(usage) * usage.requests_per_instance_hour
    excess = fleet.usd_per_hour(least) - serverless.usd_per_hour - least * answered
    if excess <= 0:
        return least
    saved = answered - fleet.usd_of_one_more
    return least + math.ceil(excess / saved) if saved > 0 else None


def compare(
    templates: Iterable[Template], region: str, usage: Usage, prices: Prices
) -> BreakEven | None:
    """The break-even of an environment's two endpoints.

    None where there are not both, or a price of theirs is not known: the estimate names it.
    """
    fleet: Fleet | None = None
    serverless: Serverless | None = None
    for template in templates:
        for endpoint in planned_endpoints(template).values():
            if endpoint.serverless:
                serverless = serverless_at(endpoint, region, prices)
            else:
                fleet = fleet_at(endpoint, template, region, prices)
    return break_even(fleet, serverless, usage) if fleet and serverless else None


def _number(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 4)
