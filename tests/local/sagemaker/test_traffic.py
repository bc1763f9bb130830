"""Chance in the data plane: weights, shadow samples, captured samples (facts C.5 to C.7)."""

import math
import random
from collections import Counter

import pytest

from local.sagemaker.errors import ApiError
from local.sagemaker.records import Capture, Deployment, Variant
from local.sagemaker.traffic import choose, is_captured, shadow_of

LUCK = random.Random()  # noqa: S311 - not for secrets
DRAWS = 20_000
SIGMAS = 5.5
"""Further off than so many standard deviations: less often than once in ten million."""


def variant(name: str, weight: float) -> Variant:
    return Variant(
        name=name,
        model_name="model",
        image="image",
        model_data_url=None,
        role_arn="role",
        environment={},
        instance_type="ml.m5.large",
        instance_count=1,
        desired_instance_count=1,
        weight=weight,
        desired_weight=weight,
        serverless=None,
        routing_strategy="RANDOM",
        ping_timeout_seconds=1,
        download_timeout_seconds=1,
        resolved=0.0,
    )


def capture(percent: int, *, enabled: bool = True) -> Capture:
    return Capture(
        enabled=enabled,
        sampled_percent=percent,
        destination="s3://bucket/capture",
        input=True,
        output=True,
        json_content_types=[],
        csv_content_types=[],
    )


def assert_share(count: int, share: float) -> None:
    """`count` of DRAWS is what a `share` of them may be by chance."""
    deviation = math.sqrt(DRAWS * share * (1 - share))
    assert abs(count - DRAWS * share) <= SIGMAS * deviation, f"{count} of {DRAWS}, not {share:.1%}"


def test_requests_are_shared_by_weight() -> None:
    weights = {"a": 90.0, "b": 7.5, "c": 2.5, "silent": 0.0}
    variants = [variant(name, weight) for name, weight in weights.items()]
    seen = Counter(choose(variants, None, LUCK).name for _ in range(DRAWS))
    for name, weight in weights.items():
        assert_share(seen[name], weight / 100)


def test_a_target_variant_is_asked_whatever_its_weight() -> None:
    variants = [variant("a", 1.0), variant("silent", 0.0)]
    assert {choose(variants, "silent", LUCK).name for _ in range(100)} == {"silent"}
    with pytest.raises(ApiError, match=r"Variant shadow not found; the endpoint has a, silent\."):
        choose(variants, "shadow", LUCK)


def test_without_any_weight_a_target_must_be_named() -> None:
    with pytest.raises(ApiError, match="name one with TargetVariant"):
        choose([variant("a", 0.0)], None, LUCK)


@pytest.mark.parametrize(
    ("production", "shadow", "share"),
    [(1.0, 0.25, 0.25), (2.0, 1.0, 0.5), (1.0, 1.0, 1.0), (1.0, 9.0, 1.0), (1.0, 0.0, 0.0)],
)
def test_a_shadow_gets_its_weight_relative_to_productions(
    production: float, shadow: float, share: float
) -> None:
    deployment = Deployment(
        config_name="config",
        variants=[variant("champion", production)],
        shadows=[variant("shadow", shadow)],
        started=0.0,
    )
    assert_share(sum(shadow_of(deployment, LUCK) is not None for _ in range(DRAWS)), share)


@pytest.mark.parametrize("percent", [0, 1, 37, 100])
def test_requests_are_captured_at_the_sampled_rate(percent: int) -> None:
    found = sum(is_captured(capture(percent), LUCK) for _ in range(DRAWS))
    assert_share(found, percent / 100)


def test_nothing_is_captured_where_capture_is_off() -> None:
    assert not is_captured(None, LUCK)
    assert not is_captured(capture(100, enabled=False), LUCK)
