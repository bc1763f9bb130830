"""What an environment costs a month, from its templates and a dated list of prices; pure.

    prices = read_prices()                              # scripts/pricing/prices.json
    found = estimate(templates, region, Usage(), prices)
    found.known_usd.least, found.known_usd.most         # Decimal; they differ where it scales
    found.unknown                                       # names of what has no known price
    found.lines, found.to_value()
    rollout_lines(endpoint, seconds, region, prices)    # the second fleet of one update

`templates` are those of one environment's stacks, of whatever revision: an estimate reads no
settings, git, network or clock. `first_release` makes templates where there is no release yet.
A price that is not known is None and named in `unknown`; it is never zero. A month has 730 hours.
"""

from scripts.pricing.amount import Amount
from scripts.pricing.estimate import Estimate, estimate
from scripts.pricing.line import Line, total, unknown_of
from scripts.pricing.rollout import rollout_lines
from scripts.pricing.snapshot import Prices, read_prices
from scripts.pricing.training import training_cost
from scripts.pricing.usage import Usage

__all__ = [
    "Amount",
    "Estimate",
    "Line",
    "Prices",
    "Usage",
    "estimate",
    "read_prices",
    "rollout_lines",
    "total",
    "training_cost",
    "unknown_of",
]
