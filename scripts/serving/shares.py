"""What part of the traffic each role of a release gets (facts C.5)."""

from collections.abc import Mapping
from typing import Final

from config.release import Release
from config.roles import ROLES

LARGEST_WEIGHT: Final = 1_000_000
"""Ours: SageMaker takes any float, but nobody means a share of less than one in a million."""


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Each weight by the sum of all, in the order of the roles."""
    total = sum(weights.values())
    return {role: weights[role] / total for role in ROLES if role in weights}


def shares_in_words(release: Release) -> str:
    """For example `champion 90 %, challenger 10 %`."""
    found = shares(release.weights)
    return ", ".join(f"{role} {percent(share)}" for role, share in found.items())


def percent(share: float) -> str:
    """A share from 0 to 1, as many digits as tell: `90 %`, `0.25 %`."""
    return f"{100 * share:.3g} %" if share < 1 else "100 %"
