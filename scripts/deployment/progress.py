"""A deployment while it runs: who listens is told each step of stacks and endpoints once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from scripts.aws_errors import explain
from scripts.deployment.events import StackEvent, StackEvents
from scripts.deployment.plan import Plan
from scripts.deployment.templates import ENDPOINT, Effect, ResourceChange
from scripts.serving.live import KINDS, LiveEndpoint, live_endpoint
from scripts.serving.steps import step_of
from scripts.session import Session

WAITING: Final = "waiting"
DONE: Final = "done"
_DONE: Final = {"CREATE": "created", "UPDATE": "updated"}
_BECAME: Final = {Effect.CREATED: "created", Effect.REPLACED: "replaced"}
_DOING: Final = {"CREATE": "creating", "UPDATE": "updating", "DELETE": "removing"}


@dataclass(kw_only=True)
class StackProgress:
    """How far one stack is."""

    id: str
    changes: Mapping[str, ResourceChange]
    """What changes of it, by logical id."""

    finished: set[str] = field(default_factory=set)
    now: str = WAITING
    undoing: bool = False
    """Whether what follows is a rollback."""


@dataclass(kw_only=True)
class Progress:
    """Looks at what a plan changes, again and again."""

    session: Session
    plan: Plan
    stacks: dict[str, StackProgress] = field(init=False)
    endpoints: dict[str, str] = field(default_factory=dict)
    """The step that each changing endpoint is at."""

    causes: list[str] = field(default_factory=list)
    """Failures that others followed, one clause each."""

    def __post_init__(self) -> None:
        self.stacks = {
            stack.name: StackProgress(
                id=stack.id,
                changes={each.logical_id: each for each in stack.resources},
            )
            for stack in self.plan.changed
        }
        self._events = {name: StackEvents(session=self.session, stack=name) for name in self.stacks}
        self._moving = {
            each.name for each in self.plan.endpoints if each.effect is not Effect.NOTHING
        }
        self._troubles: set[str] = set()

    def begin(self) -> None:
        """Pass over what happened before."""
        for events in self._events.values():
            events.pass_over()

    def look(self) -> Iterator[str]:
        """One line for each thing that happened since the last look.

        What cannot be looked at is told once: a deployment does not end because nobody sees it.
        """
        try:
            for name, events in self._events.items():
                for event in events.new():
                    yield from self._tell(self.stacks[name], event)
            for endpoint in self._endpoints():
                yield from self._tell_step(endpoint)
        except (BotoCoreError, ClientError) as error:
            text = explain(error)
            if text not in self._troubles:
                self._troubles.add(text)
                yield f"progress cannot be seen now: {text}"

    def _endpoints(self) -> Sequence[LiveEndpoint]:
        if not self._moving:
            return ()
        found = [live_endpoint(self.session, kind) for kind in KINDS]
        return [each for each in found if each.name in self._moving and each.exists]

    def _tell(self, stack: StackProgress, event: StackEvent) -> Iterator[str]:
        if event.of_the_stack:
            yield from _tell_stack(stack, event)
            return
        change = stack.changes.get(event.logical_id)
        path = change.path if change else event.logical_id
        if event.failed:
            stack.now = f"{path} failed"
            if event.is_cause:
                self.causes.append(f"{path}: {event.reason or event.status}")
                yield f"{stack.id}  {path}  failed{_because(event)}"
        elif change is not None:  # else told of by CloudFormation, but not changed
            yield from _tell_resource(stack, change, event)

    def _tell_step(self, endpoint: LiveEndpoint) -> Iterator[str]:
        step = step_of(endpoint)
        before = self.endpoints.get(endpoint.name)
        self.endpoints[endpoint.name] = step
        # At the first look it is not news that an endpoint serves.
        if step != before and not (before is None and endpoint.status == "InService"):
            yield f"{endpoint.name}  {step}"


def _tell_stack(stack: StackProgress, event: StackEvent) -> Iterator[str]:
    stack.now = event.status.lower().replace("_", " ")
    if "ROLLBACK" in event.status or event.failed:
        stack.undoing = True
        if "CLEANUP" not in event.status:
            yield f"{stack.id}  {stack.now}{_because(event)}"
    elif event.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        stack.now = DONE
        yield f"{stack.id}  {_DONE[event.status.partition('_')[0]]}"


def _tell_resource(
    stack: StackProgress, change: ResourceChange, event: StackEvent
) -> Iterator[str]:
    verb, _, state = event.status.partition("_")
    if state == "IN_PROGRESS":
        stack.now = f"{_DOING.get(verb, verb.lower())} {change.path}"
        # An endpoint takes minutes; everything else is told when it is done.
        if change.type == ENDPOINT and not event.reason:
            yield f"{stack.id}  {change.path}  {_DOING.get(verb, verb.lower())}"
    elif state == "COMPLETE":
        if verb != "DELETE" or change.effect is Effect.REMOVED:
            stack.finished.add(change.logical_id)
        yield f"{stack.id}  {change.path}  {_ended(verb, change.effect, undoing=stack.undoing)}"


def _ended(verb: str, effect: Effect, *, undoing: bool) -> str:
    """What became of a resource, in the plan's words: the service's verb says less."""
    if verb == "DELETE" and effect not in (Effect.REMOVED, Effect.CREATED):
        return f"{'new' if undoing else 'old'} one removed"
    if verb == "DELETE":
        return "removed"
    if undoing:
        return "as it was"
    return _BECAME.get(effect, "updated")


def _because(event: StackEvent) -> str:
    return f": {event.reason}" if event.reason else ""
