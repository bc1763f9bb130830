"""An environment's monthly cost, line by line, from its templates."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from scripts.deployment.planned import planned_endpoints
from scripts.deployment.templates import Template
from scripts.pricing.amount import Amount
from scripts.pricing.endpoints import endpoint_lines, unsized_volumes
from scripts.pricing.line import Line, priced, total, unknown_of
from scripts.pricing.resources import resource_lines
from scripts.pricing.snapshot import Prices
from scripts.pricing.usage import Usage

LEFT_OUT: Final = (
    "requests to S3 and KMS, CloudWatch logs and metrics, transfer to the internet, tax",
    "free tiers, savings plans and other discounts",
)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a month costs, as far as it is known."""

    region: str
    usage: Usage
    lines: tuple[Line, ...]
    left_out: tuple[str, ...] = LEFT_OUT

    @property
    def known_usd(self) -> Amount:
        """The sum of the lines whose price is known: too little where `unknown` names any."""
        return total(self.lines)

    @property
    def fixed_usd(self) -> Amount:
        """Of `known_usd`, what is billed whether anybody asks or not."""
        return total(line for line in self.lines if line.fixed)

    @property
    def unknown(self) -> tuple[str, ...]:
        """What has no known price, each by name, once."""
        return unknown_of(self.lines)

    def plus(self, *lines: Line) -> "Estimate":
        """With further lines."""
        return replace(self, lines=(*self.lines, *lines))

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "region": self.region,
            "known_usd": self.known_usd.to_value(),
            "fixed_usd": self.fixed_usd.to_value(),
            "unknown": list(self.unknown),
            "lines": [line.to_value() for line in self.lines],
            "usage": self.usage.to_value(),
            "left_out": list(self.left_out),
        }


def estimate(templates: Iterable[Template], region: str, usage: Usage, prices: Prices) -> Estimate:
    """The estimate of one environment from the templates of all of its stacks."""
    stacks = list(templates)
    lines: list[Line] = []
    volumes: list[str] = []
    for template in stacks:
        for endpoint in planned_endpoints(template).values():
            lines += endpoint_lines(endpoint, template, stacks, usage)
            volumes += unsized_volumes(endpoint, template)
    lines += resource_lines(stacks, usage)
    return Estimate(
        region=region,
        usage=usage,
        lines=tuple(priced(lines, region, prices)),
        left_out=(*_volume_note(volumes), *LEFT_OUT),
    )


def _volume_note(volumes: list[str]) -> Iterator[str]:
    if volumes:
        yield f"the volumes of {', '.join(volumes)}: their size is left to SageMaker"
