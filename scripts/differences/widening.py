"""What an environment's permissions allow that they did not, and what they no longer allow."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from scripts.differences.grants import Clause, Grant
from scripts.differences.patterns import Pattern
from scripts.differences.policies import Attachment, Permissions
from scripts.differences.sentences import what, when, who
from scripts.differences.words import Phrase, listed, phrase

_EVERYTHING: Final = ("AdministratorAccess", "FullAccess", "PowerUserAccess")


@dataclass(frozen=True, kw_only=True)
class Widening:
    """Sentences; each of `wider` needs a second pair of eyes."""

    wider: tuple[Phrase, ...] = ()
    narrower: tuple[Phrase, ...] = ()
    brief: tuple[Phrase, ...] = ()
    """What `wider` says, with a line for each who may do more; empty where that is no shorter."""

    @property
    def reasons(self) -> tuple[Phrase, ...]:
        """Why somebody has to look twice, as short as can be."""
        return self.brief or self.wider

    def __add__(self, other: "Widening") -> "Widening":
        return Widening(
            wider=(*self.wider, *other.wider),
            narrower=(*self.narrower, *other.narrower),
            brief=(*self.reasons, *other.reasons),
        )

    def __bool__(self) -> bool:
        return bool(self.wider or self.narrower)

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "wider": [str(each) for each in self.wider],
            "narrower": [str(each) for each in self.narrower],
        }


def widening(before: Permissions, after: Permissions) -> Widening:
    """Compare what both sides allow; wherever it is not certain, it counts as wider."""
    attached = tuple(_attached(before, after))
    added = _statements(_added(before, after), "{}{} may now {}{}", _newcomer(before, after))
    others = (
        *_conditions_lost(before, after),
        *_denials_lost(before, after),
        *_unread(before, after),
    )
    return Widening(
        wider=(*attached, *(each.text for each in added), *others),
        narrower=tuple(_narrower(before, after)),
        brief=(*attached, *_brief(added), *others),
    )


def _added(before: Permissions, after: Permissions) -> Iterator[Grant]:
    """Allowed now, and not before under any condition."""
    old = [grant for grant in before.grants if grant.allows]
    for grant in sorted(after.grants):
        if grant.allows and not any(each.covers(grant, conditions=False) for each in old):
            yield grant


@dataclass(frozen=True, kw_only=True)
class _Statement:
    """One sentence for all that the same principal does to the same things."""

    who: Pattern
    text: Phrase
    narrowness: tuple[bool, ...]
    """What is allowed widely sorts before what is not."""


def _statements(
    grants: Iterable[Grant], pattern: str, note: Callable[[Pattern], Phrase] = lambda _: Phrase()
) -> list[_Statement]:
    """`pattern` has a place for who it is, for the note on them, what is done, and when."""
    return [
        _Statement(
            who=principal,
            text=phrase(
                pattern, who(principal), note(principal), what(actions, resources), when(conditions)
            ),
            narrowness=(
                not any(each.excludes or each.everything for each in actions),
                not any(each.excludes or each.everything for each in resources),
                not any("*" in text for each in actions for text in each.texts),
            ),
        )
        for (principal, actions, conditions), resources in _grouped(grants).items()
    ]


def _said(grants: Iterable[Grant], pattern: str) -> Iterator[Phrase]:
    yield from (each.text for each in _statements(grants, pattern))


def _brief(statements: Iterable[_Statement]) -> Iterator[Phrase]:
    """Of each who may do more the widest statement, and how many more there are."""
    ordered = sorted(statements, key=lambda each: each.narrowness)
    counts = Counter(each.who for each in ordered)
    widest = {each.who: each for each in reversed(ordered)}
    for principal in dict.fromkeys(each.who for each in ordered):
        more = counts[principal] - 1
        yield phrase(
            "{}{}",
            widest[principal].text,
            phrase(f"; and {more} more statement{'' if more == 1 else 's'}, told below")
            if more
            else Phrase(),
        )


_Group = tuple[Pattern, tuple[Pattern, ...], tuple[Clause, ...]]


def _grouped(grants: Iterable[Grant]) -> dict[_Group, list[Pattern]]:
    actions: dict[tuple[Pattern, Pattern, tuple[Clause, ...]], list[Pattern]] = defaultdict(list)
    for grant in grants:
        actions[grant.who, grant.resource, grant.conditions].append(grant.action)
    found: dict[_Group, list[Pattern]] = defaultdict(list)
    for (principal, resource, conditions), done in actions.items():
        found[principal, tuple(sorted(set(done))), conditions].append(resource)
    return found


def _newcomer(before: Permissions, after: Permissions) -> Callable[[Pattern], Phrase]:
    """A note on who was not there before: all that they may is new then."""
    new = after.paths - before.paths
    return lambda principal: phrase(", which is new," if set(principal.texts) <= new else "")


def _conditions_lost(before: Permissions, after: Permissions) -> Iterator[Phrase]:
    """Allowed before as well, but only where a condition held that is gone or weaker."""
    old = sorted(grant for grant in before.grants if grant.allows)
    found: dict[tuple[Clause, ...], list[Grant]] = defaultdict(list)
    for grant in sorted(after.grants):
        near = [each for each in old if each.covers(grant, conditions=False)]
        if near and not any(each.covers(grant) for each in near):
            # The nearest of them says best what has changed.
            found[min((each.not_implied(grant) for each in near), key=len)].append(grant)
    for lost, grants in sorted(found.items()):
        for sentence in _said(grants, "{}{} may {}{}"):
            weaker = _still_there(lost, grants)
            yield phrase(
                "the condition {} was {} from: {}",
                listed(lost, " and "),
                phrase("weakened" if weaker else "taken away"),
                sentence,
            )


def _still_there(lost: Iterable[Clause], grants: Iterable[Grant]) -> bool:
    keys = {clause.key.lower() for grant in grants for clause in grant.conditions}
    return all(clause.key.lower() in keys for clause in lost)


def _denials_lost(before: Permissions, after: Permissions) -> Iterator[Phrase]:
    denials = [grant for grant in after.grants if not grant.allows]
    lost = [
        grant
        for grant in sorted(before.grants)
        # What went with the thing that it guarded is said of that thing.
        if not grant.allows
        and grant.on in after.paths
        and not any(each.covers(grant) for each in denials)
    ]
    weaker = [
        grant for grant in lost if any(each.covers(grant, conditions=False) for each in denials)
    ]
    yield from _said([each for each in lost if each not in weaker], "{}{} is no longer denied {}{}")
    yield from _said(weaker, "{}{} is denied less often than before {}{}")


def _unread(before: Permissions, after: Permissions) -> Iterator[Phrase]:
    """What is written so that only CloudFormation can read it may allow anything."""
    for each in sorted(after.unread - before.unread):
        yield phrase("{} may now allow anything: this cannot be read here: {}", each.on, each.text)
    for each in sorted(before.unread - after.unread):
        if each.on in after.paths:
            yield phrase(
                "{} may have lost a denial: this could not be read here: {}", each.on, each.text
            )


def _attached(before: Permissions, after: Permissions) -> Iterator[Phrase]:
    for each in sorted(after.attachments - before.attachments):
        if each.boundary:
            continue
        broad = any(each.policy.endswith(name) for name in _EVERYTHING)
        yield phrase(
            "{} now has the policy {}{}",
            each.who,
            each.policy,
            phrase(", which allows far more than it needs") if broad else Phrase(),
        )
    limited = {each.who for each in after.attachments if each.boundary}
    for each in sorted(before.attachments - after.attachments):
        if each.boundary and each.who in after.paths:
            yield phrase(
                "the permissions boundary {} {} {}",
                each.policy,
                phrase("gave way to another for" if each.who in limited else "was taken away from"),
                each.who,
            )


def _narrower(before: Permissions, after: Permissions) -> Iterator[Phrase]:
    for each in sorted(before.attachments - after.attachments):
        if not each.boundary:
            yield phrase("{} no longer has the policy {}", each.who, each.policy)
    new = [grant for grant in after.grants if grant.allows]
    yield from _said(
        (
            grant
            for grant in sorted(before.grants)
            if grant.allows and not any(each.covers(grant) for each in new)
        ),
        "{}{} may no longer {}{}",
    )
    old = [grant for grant in before.grants if not grant.allows]
    yield from _said(
        (
            grant
            for grant in sorted(after.grants)
            if not grant.allows and not any(each.covers(grant) for each in old)
        ),
        "{}{} is now denied {}{}",
    )
    yield from _bounded(before.attachments, after.attachments)


def _bounded(before: frozenset[Attachment], after: frozenset[Attachment]) -> Iterator[Phrase]:
    for each in sorted(after - before):
        if each.boundary:
            yield phrase("{} is now bounded by {}", each.who, each.policy)
