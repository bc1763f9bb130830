"""What a deployment does to an endpoint: why, how, what it costs meanwhile, what is in its way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.deployment.obstacles import obstacles_of
from scripts.deployment.planned import PlannedEndpoint, PlannedVariant
from scripts.deployment.templates import Effect, ResourceChange
from scripts.serving.live import LiveEndpoint, short_artifact
from scripts.serving.rollout import duration


@dataclass(frozen=True, kw_only=True)
class EndpointChange:
    """One endpoint, before it is touched."""

    name: str
    effect: Effect
    because: tuple[str, ...] = ()
    """What differs, one clause each."""

    how: str = ""
    """The way the change reaches the endpoint."""

    extra_instances: int = 0
    """Running, and billed, beside the fleet meanwhile."""

    least_seconds: int = 0
    """What the waits of the rollout add up to."""

    obstacles: tuple[str, ...] = ()
    """Why it cannot be done, each with its remedy."""

    busy: bool = False
    """Whether it is being changed already, and time alone will mend that."""

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            **vars(self),
            "effect": self.effect.value,
            "because": list(self.because),
            "obstacles": list(self.obstacles),
        }


def endpoint_change(
    name: str,
    before: PlannedEndpoint | None,
    after: PlannedEndpoint | None,
    resource: ResourceChange | None,
    live: LiveEndpoint | None,
    stack_config: str | None = None,
) -> EndpointChange:
    """The change of one endpoint, from both templates and from what runs now.

    `resource` is the change of the endpoint itself; None when it does not change. `stack_config`
    is the configuration that the stack believes it runs.
    """
    effect = resource.effect if resource else Effect.NOTHING
    obstacles = tuple(obstacles_of(before, after, effect, live, stack_config))
    fleets = _fleets(after, live)
    moving = effect is Effect.NEW_FLEET and after is not None and not after.serverless
    policy = after.policy if after else None
    return EndpointChange(
        name=name,
        effect=Effect.BLOCKED if obstacles else effect,
        because=tuple(_because(before, after)) if effect is not Effect.NOTHING else (),
        how=_how(effect, after),
        extra_instances=policy.extra_instances(sum(fleets)) if policy and moving else 0,
        # Each step moves a part of every variant, so the largest takes the most steps.
        least_seconds=policy.waits_seconds(max(fleets)) if policy and moving else 0,
        obstacles=obstacles,
        busy=live is not None and live.busy,
    )


def cost(change: EndpointChange) -> str:
    """`2 extra instances for at least 15 min`, or nothing."""
    if not change.extra_instances:
        return ""
    count = change.extra_instances
    text = f"{count} extra instance{'' if count == 1 else 's'}"
    if change.least_seconds:
        return f"{text} for at least {duration(change.least_seconds)}"
    return f"{text} until the new fleet has taken over"


def _how(effect: Effect, after: PlannedEndpoint | None) -> str:
    if effect is Effect.NEW_FLEET and after is not None:
        if after.serverless:
            return "at once; the first answers after it start cold"
        return after.policy.describe()
    if effect is Effect.IN_PLACE:
        return "no model server is touched"
    if effect is Effect.REMOVED:
        return "it stops answering, for good"
    if effect is Effect.REPLACED:
        return "under another name; callers have to follow"
    return ""


def _fleets(after: PlannedEndpoint | None, live: LiveEndpoint | None) -> list[int]:
    """How many instances each variant will have: an update keeps what runs (design D15)."""
    running = live.by_role if live else {}

    def instances(variant: PlannedVariant) -> int:
        now = running.get(variant.name)
        return (now.desired_instances if now else None) or variant.instances or 0

    return [instances(variant) for variant in after.variants] if after else []


def _because(before: PlannedEndpoint | None, after: PlannedEndpoint | None) -> Iterator[str]:
    if after is None:
        return
    if before is None:
        for variant in after.variants:
            yield f"{variant.name} {variant.model}"
        return
    for variant in after.variants:
        yield from _differences(before.by_name.get(variant.name), variant)
    for variant in before.variants:
        if variant.name not in after.by_name:
            yield f"{variant.name} leaves ({variant.model})"
    if (old := _shares(before)) != (new := _shares(after)):
        yield f"traffic {old} -> {new}"
    if before.capture_percent != after.capture_percent:
        yield f"capture {_percent(before.capture_percent)} -> {_percent(after.capture_percent)}"
    # Not the policies: their alarms come and go with the variants, which is said above.
    if (old := before.policy.describe()) != after.policy.describe():
        yield f"rollout was {old}"


def _differences(old: PlannedVariant | None, new: PlannedVariant) -> Iterator[str]:
    if old is None:
        yield f"{new.name} joins ({new.model})"
        return
    if old.model != new.model:
        yield f"{new.name} {old.model} -> {new.model}"
    elif old.model_data_url != new.model_data_url:
        artifacts = f"{short_artifact(old.model_data_url)} -> {short_artifact(new.model_data_url)}"
        yield f"{new.name} {old.model}: artifact {artifacts}"
    settings: tuple[tuple[str, object, object], ...] = (
        ("on", old.instance_type, new.instance_type),
        ("memory", _megabytes(old.memory_size_mb), _megabytes(new.memory_size_mb)),
        ("max concurrency", old.max_concurrency, new.max_concurrency),
        ("provisioned concurrency", old.provisioned_concurrency, new.provisioned_concurrency),
    )
    for what, was, is_ in settings:
        if was != is_:
            yield f"{new.name} {what} {was or 'none'} -> {is_ or 'none'}"
    if old.instances != new.instances:
        yield (
            f"{new.name} instance_count {old.instances} -> {new.instances}, "
            "for a new endpoint only: an update keeps the fleet's size"
        )


def _shares(endpoint: PlannedEndpoint) -> str:
    if len(endpoint.variants) == 1:
        return f"{endpoint.variants[0].name} alone"
    return ", ".join(
        f"{variant.name} {100 * endpoint.share(variant):.4g} %" for variant in endpoint.variants
    )


def _percent(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g} %"


def _megabytes(value: int | None) -> str | None:
    return None if value is None else f"{value} MB"
