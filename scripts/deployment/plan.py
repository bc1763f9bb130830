"""What a deployment would do, stack by stack and endpoint by endpoint, before it does anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config import outputs
from config.settings import Settings
from scripts.deployment.assembly import SynthesizedStack
from scripts.deployment.changes import EndpointChange, endpoint_change
from scripts.deployment.planned import planned_endpoints
from scripts.deployment.stacks import DeployedStack, deployed_stack
from scripts.deployment.templates import Effect, ResourceChange, changes, rest_differs
from scripts.errors import Refused
from scripts.serving.live import KINDS, LiveEndpoint, live_endpoint
from scripts.session import Session

_STRONGEST_FIRST: Final = (
    Effect.REMOVED,
    Effect.NEW_FLEET,
    Effect.REPLACED,
    Effect.CHANGED,
    Effect.IN_PLACE,
    Effect.CREATED,
)
# Resources that join or leave a stack change it: itself it is neither created nor removed.
_OF_A_STACK: Final = {Effect.CREATED: Effect.IN_PLACE, Effect.REMOVED: Effect.CHANGED}
_PERMISSIONS: Final = ("AWS::IAM::", "AWS::S3::BucketPolicy", "AWS::Lambda::Permission")


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """One stack, before it is touched."""

    id: str
    name: str
    effect: Effect
    resources: tuple[ResourceChange, ...] = ()
    obstacle: str | None = None
    busy: bool = False
    """Whether another deployment of it is under way, and time alone will mend that."""

    @property
    def touches_permissions(self) -> bool:
        """Whether the CDK has to be asked if the change widens who may do what."""
        return any(each.type.startswith(_PERMISSIONS) for each in self.resources)

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            **vars(self),
            "effect": self.effect.value,
            "resources": [each.to_value() for each in self.resources],
        }


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A deployment, before it starts."""

    environment: str
    stacks: tuple[StackChange, ...]
    endpoints: tuple[EndpointChange, ...]
    leftovers: tuple[str, ...] = ()
    """Stacks that are deployed and in no template any more, each with the remedy (design D3)."""

    marks: tuple[str, ...] = ()
    """Why synth marked the environment's stacks with an error, once each: the CDK's CLI would
    refuse them all for it."""

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Everything that blocks it, each with its remedy."""
        found = [stack.obstacle for stack in self.stacks if stack.obstacle]
        found += [text for endpoint in self.endpoints for text in endpoint.obstacles]
        return (*self.marks, *found, *self.leftovers)

    def check(self) -> None:
        """Raise Refused if something blocks it: the reasons are on its screen, in full."""
        count = len(self.obstacles)
        if count:
            reasons = "1 reason" if count == 1 else f"{count} reasons"
            raise Refused(f"blocked: {reasons} above; nothing was changed")

    @property
    def busy(self) -> tuple[str, ...]:
        """The stacks and endpoints that something else is changing."""
        stacks = [each.name for each in self.stacks if each.busy]
        return (*stacks, *(each.name for each in self.endpoints if each.busy))

    @property
    def changed(self) -> tuple[StackChange, ...]:
        return tuple(each for each in self.stacks if each.effect is not Effect.NOTHING)

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "environment": self.environment,
            "stacks": [each.to_value() for each in self.stacks],
            "endpoints": [each.to_value() for each in self.endpoints],
            "blocked": list(self.obstacles),
        }


def plan_deployment(session: Session, synthesized: Sequence[SynthesizedStack]) -> Plan:
    """Compare what was synthesized with what is deployed; reads, and changes nothing."""
    settings = session.settings
    deployed = {
        name: deployed_stack(session, name)
        for stack in outputs.STACKS
        for name in (outputs.stack_name(settings.app, settings.name, stack),)
    }
    live = [live_endpoint(session, kind) for kind in KINDS]
    return plan(settings, synthesized, deployed, live)


def plan(
    settings: Settings,
    synthesized: Sequence[SynthesizedStack],
    deployed: Mapping[str, DeployedStack | None],
    live: Iterable[LiveEndpoint],
) -> Plan:
    """The plan, from the stacks' templates new and old, and from the endpoints as they run."""
    known = {stack.name for stack in synthesized}
    endpoints = {endpoint.name: endpoint for endpoint in live}
    stacks = [stack_change(stack, deployed.get(stack.name)) for stack in synthesized]
    return Plan(
        environment=settings.name,
        stacks=tuple(stacks),
        endpoints=tuple(
            change
            for stack, change_of_stack in zip(synthesized, stacks, strict=True)
            for change in _endpoint_changes(
                stack, deployed.get(stack.name), change_of_stack, endpoints
            )
        ),
        leftovers=tuple(
            f"stack {name} is deployed, but {settings.name} has it no more; remove it with "
            f"`aws cloudformation delete-stack --stack-name {name}`"
            for name, stack in deployed.items()
            if stack is not None and name not in known
        ),
        marks=tuple(dict.fromkeys(text for stack in synthesized for text in stack.errors)),
    )


def stack_change(stack: SynthesizedStack, deployed: DeployedStack | None) -> StackChange:
    """What a deployment does to one stack; None is a stack that is not deployed."""
    before = deployed.template if deployed else None
    resources = tuple(changes(before, stack.template))
    obstacle = deployed.obstacle(stack.id) if deployed else None
    return StackChange(
        id=stack.id,
        name=stack.name,
        effect=Effect.BLOCKED if obstacle else _strongest(deployed, stack, resources),
        resources=resources,
        obstacle=obstacle,
        busy=deployed is not None and deployed.in_progress,
    )


def _strongest(
    deployed: DeployedStack | None, stack: SynthesizedStack, found: Sequence[ResourceChange]
) -> Effect:
    if deployed is None or deployed.template is None:
        return Effect.CREATED
    effects = {change.effect for change in found}
    for effect in _STRONGEST_FIRST:
        if effect in effects:
            return _OF_A_STACK.get(effect, effect)
    same = deployed.tags == stack.tags and not rest_differs(deployed.template, stack.template)
    return Effect.NOTHING if same else Effect.IN_PLACE


def _endpoint_changes(
    stack: SynthesizedStack,
    deployed: DeployedStack | None,
    change: StackChange,
    live: Mapping[str, LiveEndpoint],
) -> list[EndpointChange]:
    before = planned_endpoints(deployed.template if deployed else None)
    after = planned_endpoints(stack.template)
    resources = {each.logical_id: each for each in change.resources}
    if deployed is not None and deployed.in_progress:
        live = {}  # On its way: the stack's own obstacle says all there is to say.
    return [
        endpoint_change(
            name,
            before.get(name),
            after.get(name),
            resources.get((after.get(name) or before[name]).logical_id),
            running := live.get(name),
            deployed.outputs.get(outputs.ENDPOINT_CONFIG_NAMES[running.kind])
            if deployed and running
            else None,
        )
        for name in (*after, *(name for name in before if name not in after))
    ]
