"""The parts that a model may play in a release; a role is also the name of its variant.

Constant names: alarms, scaling and weights outlive a change of model, and deployment guardrails
need the same names in the old and the new configuration (facts C.11).
"""

from collections.abc import Iterable
from typing import Final

CHAMPION: Final = "champion"
CHALLENGERS: Final = ("challenger", *(f"challenger{number}" for number in range(2, 10)))
"""With the champion these are the ten variants that an endpoint may have (facts C.5)."""

SHADOW: Final = "shadow"

ROLES: Final = (CHAMPION, *CHALLENGERS, SHADOW)
"""Champion and challengers share the traffic by weight; a shadow sees a copy of it."""


def in_order(names: Iterable[str]) -> list[str]:
    """Names of roles as they are listed: the champion first; what is no role last."""
    return sorted(names, key=lambda name: (ROLES.index(name) if name in ROLES else 99, name))
