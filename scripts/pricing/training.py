"""What a training job costs: instance-seconds from download to upload (facts sheet G.1, E.2)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from config.training import TrainingSettings
from scripts.pricing.amount import Amount
from scripts.pricing.disks import has_own_disks
from scripts.pricing.line import Line, priced
from scripts.pricing.meters import Item, Meter
from scripts.pricing.snapshot import Prices
from scripts.pricing.usage import HOURS_PER_MONTH

_GROUP: Final = "training"


def training_cost(
    instance_type: str, count: int, seconds: Decimal | int, region: str, prices: Prices
) -> Decimal | None:
    """USD for `count` instances that train for so long; None where the price is not known.

    Spot training bills the same rate for fewer seconds: give the billable ones.
    """
    price = prices.find(region, Item(Meter.TRAINING, instance_type))
    return None if price is None else price.usd * count * Decimal(seconds) / 3600


def training_lines(
    training: TrainingSettings, hours: Decimal, region: str, prices: Prices
) -> tuple[Line, ...]:
    """The lines of so many hours of training a month with an environment's settings."""
    return tuple(priced(_lines(training, hours), region, prices))


def _lines(training: TrainingSettings, hours: Decimal) -> Iterator[Line]:
    count, type_ = training.instance_count, training.instance_type
    why = f"{hours:f} hours a month of the instances in the settings"
    yield Line(
        group=_GROUP,
        name=f"{count} x {type_}",
        item=Item(Meter.TRAINING, type_),
        quantity=Amount.of(hours * count),
        unit="instance-hours",
        why=why,
    )
    if not has_own_disks(type_):
        yield Line(
            group=_GROUP,
            name=f"volumes of {training.volume_size_gb} GB",
            item=Item(Meter.TRAINING_VOLUME),
            quantity=Amount.of(training.volume_size_gb * count * hours / HOURS_PER_MONTH),
            unit="GB-months",
            why=f"one volume an instance, for {why}",
        )
