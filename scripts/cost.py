"""`darkroom cost`: what an environment of the working tree costs a month, and why."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import click

from config.environments import environment
from config.first_step import first_step
from config.release import read_release
from config.settings import Settings
from scripts import console, options
from scripts.deployment.assembly import stacks_of, synthesized
from scripts.deployment.planned import planned_endpoints
from scripts.errors import Refused
from scripts.pricing import Estimate, Prices, Usage, estimate, read_prices, training_cost
from scripts.pricing.amount import dollars
from scripts.pricing.break_even import BreakEven, compare
from scripts.pricing.first_release import synthesized_with_first_release
from scripts.pricing.meters import Item
from scripts.pricing.screen import estimate_screen
from scripts.pricing.training import training_lines
from scripts.serving.rollout import duration

_GROUPED: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
"""A number with its thousands apart."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The estimate of an environment, with what it was priced by."""

    settings: Settings
    estimate: Estimate
    break_even: BreakEven | None
    prices: Prices
    until_released: Estimate | None
    """What it costs without an endpoint, as long as it has no release; None once it has one."""

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        sources = self.prices.sources_for(self.estimate.region, _items(self.estimate))
        longest = longest_job_usd(self.settings, self.prices)
        return {
            "environment": self.settings.name,
            "released": self.until_released is None,
            "usd_until_released": self.until_released.known_usd.to_value()
            if self.until_released
            else None,
            **self.estimate.to_value(),
            "break_even": self.break_even.to_value() if self.break_even else None,
            "longest_training_job_usd": None if longest is None else float(longest),
            "sources": {item.key: source.to_value() for item, source in sources.items()},
        }


def cost(environment_name: str, usage: Usage) -> Cost:
    """Synthesize the working tree and price one environment of it; asks no cloud.

    One without a release is priced with the endpoints that its settings ask for, and one that is
    not on AWS as if it were. Raises Refused for what cannot be synthesized, and for a price list
    that cannot be read.
    """
    settings = environment(environment_name)
    prices = read_prices()
    released = read_release(environment_name) is not None
    with synthesized() if released else synthesized_with_first_release(settings) as assembly:
        templates = [stack.template for stack in stacks_of(assembly, environment_name)]
    # Without a release there is no stack with an endpoint, and nothing of it (design D3).
    bare = [template for template in templates if not planned_endpoints(template)]
    hours = usage.training_hours_per_month
    training = training_lines(settings.training, hours, settings.region, prices)
    return Cost(
        settings=settings,
        estimate=estimate(templates, settings.region, usage, prices).plus(*training),
        break_even=compare(templates, settings.region, usage, prices),
        prices=prices,
        until_released=None
        if released
        else estimate(bare, settings.region, usage, prices).plus(*training),
    )


def longest_job_usd(settings: Settings, prices: Prices) -> Decimal | None:
    """What one training job's instances cost at the most; None where the price is not known."""
    training = settings.training
    return training_cost(
        training.instance_type,
        training.instance_count,
        training.max_runtime_seconds,
        settings.region,
        prices,
    )


class Quantity(click.ParamType[Decimal]):
    """A number of things, exact as it is typed."""

    name = "NUMBER"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        text = str(value)
        if _GROUPED.fullmatch(text):
            text = text.replace(",", "")
        try:
            return Decimal(text)  # A comma that is left may be meant as the decimal sign: refused.
        except InvalidOperation:
            self.fail(f"{value!r} is no number; write 1000000.5 or 1,000,000.5", param, ctx)


def _assumed(*names: str, help_: str) -> Callable[[options.Command], options.Command]:
    return click.option(
        *names,
        type=Quantity(),
        default=getattr(Usage(), names[-1]),
        show_default=True,
        help=help_,
    )


@click.command("cost")
@options.environment
@_assumed("--requests-per-month", "requests_per_month", help_="To each endpoint.")
@_assumed(
    "--milliseconds",
    "milliseconds_per_request",
    help_="The model's time for one image, on an instance and serverless.",
)
@_assumed("--image-kilobytes", "image_kilobytes", help_="Of one request.")
@_assumed("--answer-kilobytes", "answer_kilobytes", help_="Of one answer.")
@_assumed("--requests-at-once", "requests_at_once", help_="That one instance answers.")
@_assumed("--stored-gb", "stored_gb", help_="Datasets, artifacts and logs in S3, all month.")
@_assumed("--training-hours", "training_hours_per_month", help_="Of training jobs, a month.")
@options.as_json
def command(environment_name: str, as_json: bool, **assumed: Decimal) -> None:
    """Estimate what the environment costs a month, by the templates of the working tree.

    Instances, alarms and keys follow from the templates; what follows from use is assumed, and
    each assumption is an option. Prices are those of scripts/pricing/prices.json; one that is not
    known is named, and never counted as nothing.
    """
    try:
        usage = Usage(**assumed)
    except Refused as problem:
        raise click.UsageError(str(problem)) from None
    found = cost(environment_name, usage)
    if as_json:
        click.echo(json.dumps(found.to_value(), indent=2))
    else:
        _print(found)
    if found.estimate.unknown:
        console.next_step(f"darkroom prices refresh --region {found.estimate.region}")
    elif found.until_released:
        console.next_step(first_step(found.settings))


def _print(found: Cost) -> None:
    name, region = found.settings.name, found.estimate.region
    sources = found.prices.sources_for(region, _items(found.estimate))
    title = f"{name} in {region}"
    console.page(
        estimate_screen(title, found.estimate, found.break_even, sources, found.until_released)
    )
    if found.settings.endpoint_url is not None:
        console.event(f"{name} is not on AWS: this is what AWS would bill for the same")
    if (usd := longest_job_usd(found.settings, found.prices)) is not None:
        stopped = duration(found.settings.training.max_runtime_seconds)
        console.event(
            f"one training job's instances cost at most {dollars(usd)}: it is stopped after "
            f"{stopped} (training.max_runtime_seconds)"
        )


def _items(estimate: Estimate) -> list[Item]:
    return [line.item for line in estimate.lines if line.item]
