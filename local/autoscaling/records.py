"""What is remembered of targets, policies and activities; everything here survives a restart."""

from dataclasses import dataclass, field
from typing import Any, TypedDict

from local.autoscaling.variants import DIMENSIONS, ScalableVariant
from local.sagemaker.ports import Scope

IN_PROGRESS, SUCCESSFUL, FAILED = "InProgress", "Successful", "Failed"


@dataclass(kw_only=True)
class Record:
    """What all have: whose it is, and which variant it is about."""

    account: str
    region: str
    endpoint_name: str
    variant_name: str
    dimension: str
    created: float

    @property
    def scope(self) -> Scope:
        return Scope(account=self.account, region=self.region)

    @property
    def variant(self) -> ScalableVariant:
        return ScalableVariant(
            endpoint_name=self.endpoint_name,
            variant_name=self.variant_name,
            dimension=DIMENSIONS[self.dimension],
        )


@dataclass(kw_only=True)
class Target(Record):
    """A registered variant and the bounds of its capacity."""

    arn: str
    minimum: int
    maximum: int
    role_arn: str
    suspended: dict[str, bool] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    bounds_set: str | None = None
    """What was registered and has not been compared with the capacity yet."""


@dataclass(kw_only=True)
class Policy(Record):
    """A target tracking policy, its alarms' names, and when it last scaled (epoch seconds)."""

    arn: str
    name: str
    configuration: dict[str, Any]
    high_alarm: str
    low_alarm: str | None
    scaled_out: float = 0.0
    scaled_in: float = 0.0

    @property
    def alarms(self) -> list[str]:
        return [each for each in (self.high_alarm, self.low_alarm) if each]


@dataclass(kw_only=True)
class Activity(Record):
    """One change of a capacity. `created` is when it began."""

    id: str
    capacity: int
    cause: str
    status: str = IN_PROGRESS
    message: str | None = None
    ended: float | None = None


class Place(TypedDict):
    """The fields of a record that say whose it is and what it is about."""

    account: str
    region: str
    endpoint_name: str
    variant_name: str
    dimension: str


def place(scope: Scope, variant: ScalableVariant) -> Place:
    """For a new record."""
    return Place(
        account=scope.account,
        region=scope.region,
        endpoint_name=variant.endpoint_name,
        variant_name=variant.variant_name,
        dimension=variant.dimension.name,
    )
