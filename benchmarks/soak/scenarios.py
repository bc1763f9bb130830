"""The scenarios: every kind of endpoint, every kind of update, and killed model servers."""

from typing import Any, Final

from benchmarks.soak.disturbance import Disturb, calm, canary, killings, linear, rolling, updates
from benchmarks.soak.layout import (
    GENERATIONS,
    ONE_INSTANCE,
    SERVERLESS,
    SHADOW,
    SPLIT,
    TWO_INSTANCES,
    Layout,
)
from benchmarks.soak.scenario import Scenario

_THROTTLED: Final = frozenset({"ThrottlingException"})
# A server that dies takes the requests that it works on with it; its successor is not there yet.
_KILLED: Final = frozenset({"ModelError", "ServiceUnavailable"})


def scenarios(seconds: float) -> list[Scenario]:
    """For runs of so many seconds, of which a rollout's waits take a tenth each."""
    bake = max(1, int(seconds / 10))
    killed = killings(max(1.0, seconds / 12))
    return [
        _scenario("one instance", ONE_INSTANCE, calm),
        _scenario("one instance, killed", ONE_INSTANCE, killed, _KILLED),
        _scenario("split of two variants with two instances each", SPLIT, calm),
        _scenario("split, killed", SPLIT, killed, _KILLED),
        _update("split, updated all at once", SPLIT, None),
        _update("split, updated by canary", SPLIT, canary(bake)),
        _update("split, updated linearly", SPLIT, linear(bake)),
        _update("two instances, updated by rolling", TWO_INSTANCES, rolling(bake)),
        _scenario("serverless, ten at a time", SERVERLESS, calm, _THROTTLED),
        _update("serverless, updated", SERVERLESS, None, _THROTTLED),
        _scenario("serverless, killed", SERVERLESS, killed, _THROTTLED | _KILLED),
        _scenario("shadow with capture", SHADOW, calm),
        _update("shadow with capture, updated all at once", SHADOW, None),
        _scenario("shadow with capture, killed", SHADOW, killed, _KILLED),
    ]


def _scenario(
    what: str, layout: Layout, disturb: Disturb, errors: frozenset[str] = frozenset()
) -> Scenario:
    return Scenario(what=what, layout=layout, disturb=disturb, errors=errors)


def _update(
    what: str,
    layout: Layout,
    deployment: dict[str, Any] | None,
    errors: frozenset[str] = frozenset(),
) -> Scenario:
    return Scenario(
        what=what,
        layout=layout,
        disturb=updates(deployment),
        errors=errors,
        generations=GENERATIONS,
    )
