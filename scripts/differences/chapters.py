"""One environment's difference as a chapter: models, rollout, permissions, resources, cost."""

from collections import Counter
from collections.abc import Iterable, Iterator

from scripts.deployment.templates import Effect
from scripts.differences.costs import CostDifference
from scripts.differences.difference import EnvironmentDifference
from scripts.differences.document import Bullet, Chapter, Grid, Section
from scripts.differences.endpoints import EndpointDifference
from scripts.differences.models import ModelDifference
from scripts.differences.resources import ResourceDifference, StackDifference
from scripts.differences.widening import Widening
from scripts.differences.words import Phrase, listed, phrase


def chapter_of(each: EnvironmentDifference) -> Chapter:
    """What is told of an environment, the gravest first."""
    note = " (new)" if each.added else " (removed)" if each.removed else ""
    return Chapter(title=phrase("{}{}", each.name, phrase(note)), sections=tuple(_sections(each)))


def _sections(each: EnvironmentDifference) -> Iterator[Section]:
    marked = [Bullet(text=text, flagged=True) for text in each.marks]
    marked += [Bullet(text=text, flagged=True) for text in each.unreadable]
    yield from _section("Marked by synth: cannot be deployed so", marked)
    for model in each.models:
        yield _model(model)
    yield from _section("What the rollout will do", [_endpoint(found) for found in each.endpoints])
    yield from _widening("Permissions", each.permissions)
    yield from _widening("Network", each.network)
    yield from _section(
        "Gates that are lowered", [Bullet(text=text, flagged=True) for text in each.gates_lowered]
    )
    yield from _section("Resources", list(_resources(each.stacks)))
    if each.settings:
        rows = tuple(
            (phrase("{}", found.name), phrase("{}", found.before), phrase("{}", found.after))
            for found in each.settings
        )
        grid = Grid(header=("Setting", "Before", "After"), rows=rows)
        yield Section(title=phrase("Settings"), content=(grid,))
    if each.cost is not None and each.cost.changes:
        yield _cost(each.cost)


def _section(title: str, bullets: list[Bullet]) -> Iterator[Section]:
    if bullets:
        yield Section(title=phrase(title), content=tuple(bullets))


def _model(model: ModelDifference) -> Section:
    rows = tuple(
        (row.what, phrase("{}", row.before), phrase("{}", row.after), phrase(row.delta))
        for row in model.rows
    )
    grid = Grid(header=("", "Before", "After", "Change"), rows=rows)
    what = "leaves" if model.after is None else "joins" if model.before is None else "changes"
    trust = (
        Bullet(text=phrase("{} {}", phrase(model.role), text), flagged=model.override is not None)
        for text in model.trust
    )
    content: tuple[Bullet | Grid, ...] = (*((grid,) if rows else ()), *trust)
    return Section(title=phrase(f"Model: the {model.role} {what}"), content=content)


def _endpoint(each: EndpointDifference) -> Bullet:
    change = each.change
    removed = each.after is None
    effect = change.effect if not removed else Effect.REMOVED
    return Bullet(
        text=phrase("{}: {}", change.name, phrase(effect.value)),
        flagged=effect in (Effect.BLOCKED, Effect.REMOVED, Effect.REPLACED),
        below=each.words,
    )


def _widening(title: str, widening: Widening) -> Iterator[Section]:
    wider = [Bullet(text=text, flagged=True) for text in widening.wider]
    narrower = [Bullet(text=text) for text in widening.narrower]
    yield from _section(f"{title}: wider", wider)
    yield from _section(f"{title}: narrower", narrower)


def _resources(stacks: Iterable[StackDifference]) -> Iterator[Bullet]:
    for stack in stacks:
        if stack.changes_anything:
            yield Bullet(
                text=phrase("{}: {}", stack.id, phrase(stack.outcome)),
                flagged=stack.effect is Effect.REMOVED,
                below=tuple(_parts(stack)),
            )


def _parts(stack: StackDifference) -> Iterator[Phrase]:
    """Each resource; of a stack that comes or goes as a whole their number, and what is lost."""
    whole = stack.effect in (Effect.CREATED, Effect.REMOVED)
    if whole:
        yield from _counted(stack.resources)
    yield from (_resource(each) for each in stack.resources if not whole or each.lost)
    if stack.rest:
        yield phrase("{}{}", phrase("besides: " if stack.resources else ""), listed(stack.rest))
    elif not whole and not stack.resources:
        yield phrase("the order of its resources, or how they are updated")


def _counted(resources: Iterable[ResourceDifference]) -> Iterator[Phrase]:
    counts = Counter(each.change.type for each in resources)
    if counts:
        yield listed(phrase("{} {}", phrase(str(counts[type_])), type_) for type_ in sorted(counts))


def _resource(each: ResourceDifference) -> Phrase:
    differing = listed(each.change.properties)
    moved = "looks moved to {}" if each.change.effect is Effect.REMOVED else "looks moved from {}"
    return phrase(
        "{} {}{}{}{}{}",
        phrase(each.effect),
        each.path,
        phrase(" ({})", each.change.type),
        phrase(": {}", differing) if differing else Phrase(),
        phrase("; {}", phrase(each.lost)) if each.lost else Phrase(),
        phrase(f"; {moved}, but is another resource", each.moved) if each.moved else Phrase(),
    )


def _cost(cost: CostDifference) -> Section:
    before, after = cost.before.known_usd, cost.after.known_usd
    rows = [(phrase("a month"), phrase(before.dollars()), phrase(after.dollars()))]
    if cost.once:
        rows.append((phrase("the rollout, once"), phrase("-"), phrase(cost.once_usd.dollars())))
    content: list[Bullet | Grid] = [Grid(header=("", "Before", "After"), rows=tuple(rows))]
    if cost.unknown:
        names = listed(cost.unknown)
        content.append(Bullet(text=phrase("without what has no known price: {}", names)))
    return Section(title=phrase("Estimated cost"), content=tuple(content))
