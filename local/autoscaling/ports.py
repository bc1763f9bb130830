"""What Application Auto Scaling asks of the cloud around it."""

from dataclasses import dataclass
from typing import Any, Protocol

from local.autoscaling.variants import ScalableVariant
from local.sagemaker.ports import Scope


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """How much a variant has and is to have. `busy`: its endpoint takes no change now."""

    current: int
    desired: int
    busy: bool
    instance_type: str | None
    """None for a serverless variant."""


class Surroundings(Protocol):
    """SageMaker, CloudWatch and IAM as this service sees them. All methods are thread-safe."""

    def capacity(self, scope: Scope, variant: ScalableVariant) -> Capacity | None:
        """None where there is no such variant, or it has no such dimension."""

    def set_capacity(self, scope: Scope, variant: ScalableVariant, count: int) -> None:
        """Begin to bring the variant to a capacity. Raises ApiError."""

    def put_alarm(self, scope: Scope, alarm: dict[str, Any]) -> None:
        """Create or change an alarm, in the terms of PutMetricAlarm."""

    def delete_alarms(self, scope: Scope, names: list[str]) -> None:
        """Delete those that still exist."""

    def in_alarm(self, scope: Scope, name: str) -> bool:
        """Whether an alarm is in ALARM."""

    def service_linked_role(self, scope: Scope) -> str:
        """The ARN of the role in which this service changes endpoints; made where it is not."""

    def changed(self) -> None:
        """Say that `snapshot()` would now differ, so that it is saved soon."""
