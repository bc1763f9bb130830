"""Traffic plans: which roles of a release share an environment's requests (facts C.5, C.6)."""

from dataclasses import dataclass
from typing import ClassVar

from config.errors import require
from config.release import Release
from config.roles import CHALLENGERS, CHAMPION, ROLES, SHADOW


@dataclass(frozen=True, kw_only=True)
class Single:
    """The champion answers everything."""

    roles: ClassVar = (CHAMPION,)


@dataclass(frozen=True, kw_only=True)
class Split:
    """The champion and its challengers share the requests by the release file's weights.

    Only the real-time endpoint is split; a serverless one has a single variant (facts C.4).
    Without a challenger in the release the champion answers alone.
    """

    roles: ClassVar = (CHAMPION, *CHALLENGERS)


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """The champion answers; a shadow gets a copy of some requests and its answers go nowhere.

    Only on the real-time endpoint (facts C.6). Without a shadow in the release nothing is copied.
    """

    roles: ClassVar = (CHAMPION, SHADOW)

    sampled_percent: float = 100.0
    """Of the requests, how many are copied."""

    def __post_init__(self) -> None:
        require(
            0 < self.sampled_percent <= 100,
            "traffic.sampled_percent",
            found=self.sampled_percent,
            limit="above 0 and at most 100",
            remedy="use traffic=Single() to copy none",
        )


TrafficPlan = Single | Split | Shadow


def check_roles(plan: TrafficPlan, release: Release) -> None:
    """Raise ConfigurationError if the release holds a role that the plan does not know.

    Such a model would be deployed nowhere, which nobody who put it there expects.
    """
    for role in (role for role in ROLES if role in release.models):
        needed = "Shadow" if role == SHADOW else "Split"
        require(
            role in plan.roles,
            f"release of environment {release.environment}",
            found=role,
            limit=f"for traffic={type(plan).__name__}() one of {', '.join(plan.roles)}",
            remedy=f"set traffic={needed}() in config/environments.py, or run `darkroom "
            f"release --remove {role} --env {release.environment}`",
        )
