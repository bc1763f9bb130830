"""The plan of a deployment, and the deployment under way, as an operator sees them."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from scripts.deployment.changes import EndpointChange, cost
from scripts.deployment.plan import Plan, StackChange
from scripts.deployment.progress import DONE, WAITING, Progress
from scripts.deployment.templates import Effect
from scripts.serving.rollout import duration

_STYLES: Final = {
    Effect.NOTHING: "dim",
    Effect.CREATED: "green",
    Effect.IN_PLACE: "green",
    Effect.REPLACED: "yellow",
    Effect.NEW_FLEET: "cyan",
    Effect.REMOVED: "red",
    Effect.CHANGED: "yellow",
    Effect.BLOCKED: "bold red",
}
_NAMED: Final = 3
"""So many resources are named; of more, it is said how many they are."""


def plan_screen(plan: Plan) -> RenderableType:
    """What will change, stack by stack; then what that means for each endpoint."""
    stacks = Table.grid(padding=(0, 2))
    stacks.add_column(no_wrap=True)
    stacks.add_column(no_wrap=True)
    stacks.add_column(overflow="fold")
    for stack in plan.stacks:
        stacks.add_row(f"  {stack.id}", _effect(stack.effect), _resources(stack))
    parts: list[RenderableType] = [Text(f"{plan.environment}: what will change", "bold"), stacks]
    parts += (
        _hanging(Text.assemble(_effect(Effect.BLOCKED), "  ", mark), 2) for mark in plan.marks
    )
    for endpoint in plan.endpoints:
        parts += _endpoint(endpoint)
    for leftover in plan.leftovers:
        parts.append(_hanging(Text(leftover, "bold red"), 2))
    return Group(*parts)


def _effect(effect: Effect) -> Text:
    return Text(effect.value, _STYLES[effect])


def _resources(stack: StackChange) -> Text:
    if stack.obstacle:
        return Text(stack.obstacle)
    if stack.effect is Effect.NOTHING:
        return Text()
    if stack.effect is Effect.CREATED:
        return Text(_counted(len(stack.resources)))
    if not stack.resources:
        return Text("outputs or tags")
    if len(stack.resources) <= _NAMED:
        return Text(", ".join(each.path for each in stack.resources))
    counts = Counter(each.effect for each in stack.resources)
    return Text(
        f"{_counted(len(stack.resources))}: "
        + ", ".join(f"{counts[effect]} {effect.value}" for effect in Effect if counts[effect])
    )


def _counted(resources: int) -> str:
    return f"{resources} resource{'' if resources == 1 else 's'}"


def _endpoint(change: EndpointChange) -> Iterator[RenderableType]:
    if change.effect is Effect.NOTHING:
        return  # its stack's line says so
    yield ""
    yield Text.assemble("  ", (change.name, "bold"), "  ", _effect(change.effect))
    for clause in (*change.because, change.how, cost(change)):
        if clause:
            yield _hanging(Text(clause), 4)
    for obstacle in change.obstacles:
        yield _hanging(Text(obstacle, "red"), 4)


def _hanging(text: Text, left: int) -> Padding:
    return Padding(text, (0, 0, 0, left))


def progress_board(progress: Progress, seconds: float) -> RenderableType:
    """The stacks and endpoints that change, each with what happens to it now."""
    board = Table.grid(padding=(0, 2))
    board.add_column(width=2)
    board.add_column(no_wrap=True)
    board.add_column()  # gives way where it is narrow: a name that is cut names nothing
    for stack in progress.stacks.values():
        done = stack.now == DONE
        mark: RenderableType = Text("✓", "green") if done else Text("·", "dim")
        if not done and stack.now != WAITING:
            mark = Spinner("dots", style="cyan")
        total = len(stack.changes)
        count = f" ({len(stack.finished)} of {total})" if total and not done else ""
        board.add_row(mark, stack.id, _cut(f"{stack.now}{count}"))
    for name, step in progress.endpoints.items():
        board.add_row("", name, _cut(step, "cyan"))
    return Group(board, Text(f"   {duration(seconds)}", "dim"))


def _cut(text: str, style: str = "") -> Text:
    return Text(text, style, no_wrap=True, overflow="ellipsis")
