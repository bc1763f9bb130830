"""What the rollout will do to each endpoint, with the base's template standing in for what runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.deployment.assembly import SynthesizedStack
from scripts.deployment.changes import EndpointChange, cost, endpoint_change
from scripts.deployment.planned import PlannedEndpoint, planned_endpoints
from scripts.deployment.templates import Effect, changes
from scripts.differences.replacement import replacing
from scripts.differences.words import Phrase, phrase
from scripts.serving.live import KINDS, LiveEndpoint, LiveVariant


@dataclass(frozen=True, kw_only=True)
class EndpointDifference:
    """One endpoint that a change touches."""

    change: EndpointChange
    before: PlannedEndpoint | None
    after: PlannedEndpoint | None

    @property
    def words(self) -> tuple[Phrase, ...]:
        """What differs, how it gets there, what it costs meanwhile, what is in its way."""
        change = self.change
        ours = (text for text in (change.how, cost(change)) if text)
        return (
            *(phrase("{}", text) for text in change.because),
            *map(phrase, ours),
            *(phrase("{}", text) for text in change.obstacles),
        )

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return self.change.to_value()


def endpoint_differences(
    before: Sequence[SynthesizedStack], after: Sequence[SynthesizedStack]
) -> tuple[EndpointDifference, ...]:
    """The endpoints that are not the same on both sides, in the order of head's stacks."""
    old, new = {each.id: each for each in before}, {each.id: each for each in after}
    return tuple(
        difference
        for id_ in (*new, *(each for each in old if each not in new))
        for difference in _of_a_stack(old.get(id_), new.get(id_))
        if difference.change.effect is not Effect.NOTHING
    )


def _of_a_stack(
    before: SynthesizedStack | None, after: SynthesizedStack | None
) -> Iterator[EndpointDifference]:
    templates = before.template if before else None, after.template if after else None
    old, new = (planned_endpoints(template) for template in templates)
    resources = {each.logical_id: each for each in changes(*templates, rules=replacing)}
    for name in (*new, *(each for each in old if each not in new)):
        was, will = old.get(name), new.get(name)
        change = endpoint_change(
            name,
            was,
            will,
            resources.get((will or old[name]).logical_id),
            expected(was) if was else None,
        )
        yield EndpointDifference(change=change, before=was, after=will)


def expected(planned: PlannedEndpoint) -> LiveEndpoint:
    """The endpoint as it runs when it was deployed so and nothing has happened to it since."""
    # The kind is the last word of an endpoint's name (design D5).
    kind = planned.name.rpartition("-")[2]
    return LiveEndpoint(
        kind=kind if kind in KINDS else KINDS[planned.serverless],
        name=planned.name,
        status="InService",
        variants=tuple(
            LiveVariant(
                name=variant.name,
                shadow=variant.shadow,
                model_data_url=variant.model_data_url,
                current_weight=variant.weight,
                desired_weight=variant.weight,
                instance_type=variant.instance_type,
                current_instances=variant.instances,
                desired_instances=variant.instances,
                memory_size_mb=variant.memory_size_mb,
                max_concurrency=variant.max_concurrency,
                provisioned_concurrency=variant.provisioned_concurrency,
            )
            for variant in planned.variants
        ),
        capture_percent=None if planned.capture_percent is None else int(planned.capture_percent),
    )
