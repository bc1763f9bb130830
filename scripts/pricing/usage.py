"""What an estimate has to assume, because no template says how often anybody asks."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final

from scripts.errors import Refused

HOURS_PER_MONTH: Final = 730
_BYTES_PER_GB: Final = 1024**3
_BYTES_PER_KILOBYTE: Final = 1000
_MOST: Final = 10**12


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A month's use. The defaults are a round example and were not measured."""

    requests_per_month: Decimal = Decimal(100_000)
    """To each endpoint: an environment may have a real-time and a serverless one."""

    milliseconds_per_request: Decimal = Decimal(200)
    """The model's own time for one image, on an instance and on a serverless endpoint alike."""

    image_kilobytes: Decimal = Decimal(200)
    answer_kilobytes: Decimal = Decimal(1)
    requests_at_once: Decimal = Decimal(1)
    """How many requests one instance answers at the same time, each as fast as alone."""

    stored_gb: Decimal = Decimal(10)
    """In S3 all month: datasets, artifacts and logs."""

    training_hours_per_month: Decimal = Decimal(2)
    """Of one training job with the environment's instances, or of several together."""

    def __post_init__(self) -> None:
        positive = {"milliseconds_per_request", "requests_at_once"}
        for field in fields(self):
            value: Decimal = getattr(self, field.name)
            name = field.name.replace("_", " ")
            if not (value.is_finite() and 0 <= value <= _MOST):
                raise Refused(f"{name} is {value}; give a number from 0 to {_MOST:,}")
            if field.name in positive and value == 0:
                raise Refused(f"{name} is 0, and nothing takes no time; give a number above 0")

    @property
    def requests_per_hour(self) -> Decimal:
        return self.requests_per_month / HOURS_PER_MONTH

    @property
    def seconds_per_request(self) -> Decimal:
        return self.milliseconds_per_request / 1000

    @property
    def gb_in(self) -> Decimal:
        """What a month's requests bring to one endpoint, in GB of 2^30 bytes."""
        return self._gb(self.image_kilobytes)

    @property
    def gb_out(self) -> Decimal:
        return self._gb(self.answer_kilobytes)

    @property
    def requests_per_instance_hour(self) -> Decimal:
        """The most that one instance answers in an hour, asked without a pause."""
        return 3600 / self.seconds_per_request * self.requests_at_once

    def _gb(self, kilobytes: Decimal) -> Decimal:
        return self.requests_per_month * kilobytes * _BYTES_PER_KILOBYTE / _BYTES_PER_GB

    def to_value(self) -> dict[str, float]:
        """As JSON has it."""
        return {field.name: float(getattr(self, field.name)) for field in fields(self)}
