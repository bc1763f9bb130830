"""How many instances a variant may have, and what makes it have more (facts sheet C.13)."""

from dataclasses import dataclass

from config.errors import require


@dataclass(frozen=True, kw_only=True)
class ScalingSettings:
    """Target tracking on the requests that one instance gets."""

    min_instances: int
    max_instances: int
    requests_per_instance_per_minute: float
    """Half of what one instance can do, as measured: the other half is for the time that a new
    instance takes to start."""

    scale_in_cooldown_seconds: int = 300
    scale_out_cooldown_seconds: int = 60

    def __post_init__(self) -> None:
        rules = (
            ("min_instances", self.min_instances, self.min_instances >= 1, "1 or more"),
            (
                "max_instances",
                self.max_instances,
                self.max_instances >= self.min_instances,
                f"at least min_instances ({self.min_instances})",
            ),
            (
                "requests_per_instance_per_minute",
                self.requests_per_instance_per_minute,
                self.requests_per_instance_per_minute > 0,
                "above 0",
            ),
            (
                "scale_in_cooldown_seconds",
                self.scale_in_cooldown_seconds,
                self.scale_in_cooldown_seconds >= 0,
                "0 or more",
            ),
            (
                "scale_out_cooldown_seconds",
                self.scale_out_cooldown_seconds,
                self.scale_out_cooldown_seconds >= 0,
                "0 or more",
            ),
        )
        for what, found, holds, limit in rules:
            require(holds, f"scaling.{what}", found=found, limit=limit)
