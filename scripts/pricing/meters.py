"""What AWS meters of an endpoint, a training job and their storage (facts sheet G.1)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class Meter(StrEnum):
    """One thing that a bill counts."""

    HOSTING = "hosting"
    TRAINING = "training"
    SERVERLESS = "serverless"
    PROVISIONED_USAGE = "provisioned-usage"
    """Provisioned concurrency, by the second that it is kept warm."""

    PROVISIONED_DURATION = "provisioned-duration"
    """Provisioned concurrency, by the second that it answers."""

    HOSTING_VOLUME = "hosting-volume"
    TRAINING_VOLUME = "training-volume"
    DATA_IN = "hosting-data-in"
    DATA_OUT = "hosting-data-out"
    S3_STANDARD = "s3-standard"
    KMS_KEY = "kms-key"
    ALARM = "alarm"
    """A CloudWatch alarm that looks every minute or less often."""

    FAST_ALARM = "fast-alarm"
    """A CloudWatch alarm that looks every 10 or 30 seconds: high resolution."""


UNITS: Final = {
    Meter.HOSTING: "hour",
    Meter.TRAINING: "hour",
    Meter.SERVERLESS: "second",
    Meter.PROVISIONED_USAGE: "second",
    Meter.PROVISIONED_DURATION: "second",
    Meter.HOSTING_VOLUME: "GB-month",
    Meter.TRAINING_VOLUME: "GB-month",
    Meter.DATA_IN: "GB",
    Meter.DATA_OUT: "GB",
    Meter.S3_STANDARD: "GB-month",
    Meter.KMS_KEY: "month",
    Meter.ALARM: "month",
    Meter.FAST_ALARM: "month",
}

_WORDS: Final = {
    Meter.HOSTING: "hosting on {}",
    Meter.TRAINING: "training on {}",
    Meter.SERVERLESS: "serverless inference with {} MB",
    Meter.PROVISIONED_USAGE: "provisioned concurrency of {} MB, kept warm",
    Meter.PROVISIONED_DURATION: "provisioned concurrency of {} MB, answering",
    Meter.HOSTING_VOLUME: "volumes of endpoints",
    Meter.TRAINING_VOLUME: "volumes of training jobs",
    Meter.DATA_IN: "data into endpoints",
    Meter.DATA_OUT: "data out of endpoints",
    Meter.S3_STANDARD: "S3 Standard storage",
    Meter.KMS_KEY: "KMS keys",
    Meter.ALARM: "CloudWatch alarms",
    Meter.FAST_ALARM: "high-resolution CloudWatch alarms",
}

_SIZED: Final = tuple(meter for meter, words in _WORDS.items() if "{}" in words)


@dataclass(frozen=True, order=True)
class Item:
    """A meter, with the instance type or the memory in MB where its price depends on one."""

    meter: Meter
    size: str = ""

    @classmethod
    def parse(cls, key: str) -> Self:
        """From `key`. Raises ValueError for what is no item."""
        name, _, size = key.partition(":")
        meter = Meter(name)
        if bool(size) != (meter in _SIZED):
            raise ValueError(f"{key!r} has {'a' if size else 'no'} size")
        return cls(meter, size)

    @property
    def key(self) -> str:
        """As the price list in the repository names it: `hosting:ml.m5.large`, `kms-key`."""
        return f"{self.meter.value}:{self.size}" if self.size else self.meter.value

    @property
    def unit(self) -> str:
        return UNITS[self.meter]

    def __str__(self) -> str:
        return _WORDS[self.meter].format(self.size)
