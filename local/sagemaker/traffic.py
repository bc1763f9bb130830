"""Which variant answers a request, and whether a shadow variant gets a copy (C.5, C.6)."""

import random
from collections.abc import Mapping, Sequence

from local.sagemaker.errors import ApiError
from local.sagemaker.records import Capture, Deployment, Variant


def choose(variants: Sequence[Variant], target: str | None, luck: random.Random) -> Variant:
    """The variant that the caller names, or one by weight.

    Raises ApiError for a target that is not there, and where no variant has a weight.
    """
    if target is not None:
        named: Mapping[str, Variant] = {variant.name: variant for variant in variants}
        if target not in named:
            raise ApiError(
                "ValidationError",
                f"Variant {target} not found; the endpoint has {', '.join(named) or 'none'}.",
            )
        return named[target]
    weights = [variant.weight for variant in variants]
    if not any(weights):
        raise ApiError(
            "ValidationError",
            "Every variant of the endpoint has weight 0; name one with TargetVariant.",
        )
    return luck.choices(variants, weights)[0]


def shadow_of(deployment: Deployment, luck: random.Random) -> Variant | None:
    """The shadow variant that gets a copy of this request, if it is one of the sample.

    The sample is the shadow's weight as a share of the production variant's: the natural reading
    of a formula that AWS does not publish (facts sheet C.6, H.6).
    """
    for shadow in deployment.shadows:
        weight = deployment.variants[0].weight
        share = shadow.weight / weight if weight else float(shadow.weight > 0)
        if luck.random() < share:
            return shadow
    return None


def is_captured(capture: Capture | None, luck: random.Random) -> bool:
    """Whether this request is one of the captured sample."""
    if capture is None or not capture.enabled:
        return False
    return luck.random() * 100 < capture.sampled_percent
