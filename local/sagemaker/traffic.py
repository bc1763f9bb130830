"""Which production variant answers a request (facts sheet C.5)."""

import random
from collections.abc import Mapping, Sequence

from local.sagemaker.errors import ApiError
from local.sagemaker.records import Variant


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
