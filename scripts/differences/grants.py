"""What one statement of a policy allows or denies, one principal, action and resource at a time."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scripts.differences.home import ACCOUNT
from scripts.differences.patterns import Pattern, matches
from scripts.differences.reading import Reader

_WILD: Final = ("StringLike", "ArnLike", "ArnEquals")
"""Operators whose values may have wildcards, also behind ForAllValues and with IfExists."""

_ACCOUNT: Final = "account "
_ROOT_OF: Final = re.compile(r"arn:(?:[^:$]+|\$\{AWS::Partition\}):iam::")
_LIKER: Final = {"StringEquals": "StringLike", "ArnEquals": "ArnLike"}
"""By operator: the one that takes wildcards and is otherwise the same."""


@dataclass(frozen=True, order=True)
class Clause:
    """One key of a statement's conditions: the request's value has to be one of `values`."""

    operator: str
    key: str
    values: tuple[str, ...]

    def implies(self, other: "Clause") -> bool:
        """Whether what satisfies this one satisfies `other` for certain."""
        if self.key.lower() != other.key.lower():
            return False
        mine, theirs = set(self.values), set(other.values)
        if _LIKER.get(self.operator) == other.operator:
            return all(any(matches(each, value) for each in theirs) for value in mine)
        if self.operator != other.operator:
            return False
        if "Not" in self.operator:  # None of the values may match: more of them are stricter.
            return theirs <= mine
        if any(name in self.operator for name in _WILD):
            return all(any(matches(each, value) for each in theirs) for value in mine)
        return mine <= theirs

    def __str__(self) -> str:
        return f"{self.key} {self.operator} {', '.join(self.values)}"


@dataclass(frozen=True, order=True)
class Grant:
    """Somebody may, or must not, do something to something."""

    allows: bool
    who: Pattern
    action: Pattern
    resource: Pattern
    conditions: tuple[Clause, ...] = ()
    on: str = ""
    """The path of the resource that the policy belongs to."""

    def covers(self, other: "Grant", *, conditions: bool = True) -> bool:
        """Whether `other` says nothing that this one does not; its conditions aside, if asked."""
        return (
            self.allows == other.allows
            and (self.who.covers(other.who) or _of_its_account(self.who, other.who))
            and self.action.folded.covers(other.action.folded)
            and self.resource.covers(other.resource)
            and (not conditions or not self.not_implied(other))
        )

    def not_implied(self, other: "Grant") -> tuple[Clause, ...]:
        """Those of its conditions that `other` does not have, or has weaker."""
        return tuple(
            mine
            for mine in self.conditions
            if not any(theirs.implies(mine) for theirs in other.conditions)
        )


def _of_its_account(account: Pattern, other: Pattern) -> bool:
    """Whether `other` is a principal of the account that `account` stands for."""
    if account.excludes or other.excludes or not account.texts[0].startswith(_ACCOUNT):
        return False
    number = re.escape(account.texts[0].removeprefix(_ACCOUNT))
    partition = r"(?:[^:$]+|\$\{AWS::Partition\})"
    return re.fullmatch(rf"arn:{partition}:(iam|sts)::{number}:.+", other.texts[0]) is not None


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whose policy it is, which a statement need not say."""

    stack: str
    """The id of the stack whose template has it."""

    on: str
    """The path of the resource that the policy belongs to."""

    who: tuple[str, ...] = ()
    """Of a policy of roles, users or groups: their paths."""

    resource: str | None = None
    """Of a policy of one thing, such as a role that is assumed: what `*` or nothing means there."""


@dataclass(frozen=True, order=True)
class Unread:
    """A part of a policy that only CloudFormation can read, such as a statement behind Fn::If."""

    on: str
    """The path of the resource that the policy belongs to."""

    text: str


def grants_of(reader: Reader, holder: Holder, document: object) -> Iterator[Grant | Unread]:
    """Every grant of a policy document, and whatever in it cannot be read as one."""
    if document is None:
        return
    parsed = _parsed(document)
    if not (isinstance(parsed, Mapping) and "Statement" in parsed):
        yield Unread(holder.on, reader.text(holder.stack, document))
        return
    statements = parsed["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, Mapping) and {"Action", "NotAction"} & set(statement):
            yield from _grants(reader, holder, statement)
        else:
            yield Unread(holder.on, reader.text(holder.stack, statement))


def _parsed(document: object) -> object:
    """Some types of resources take the document as text."""
    if not isinstance(document, str):
        return document
    try:
        parsed: object = json.loads(document)
    except ValueError:
        return None
    return parsed


def _grants(reader: Reader, holder: Holder, statement: Mapping[str, Any]) -> Iterator[Grant]:
    conditions = tuple(sorted(_clauses(reader, holder.stack, statement.get("Condition"))))
    for who in _who(reader, holder, statement):
        for action in _patterns(reader, holder.stack, statement, "Action"):
            for resource in _resources(reader, holder, statement):
                yield Grant(
                    allows=statement.get("Effect") != "Deny",
                    who=who,
                    action=action,
                    resource=resource,
                    conditions=conditions,
                    on=holder.on,
                )


def _who(reader: Reader, holder: Holder, statement: Mapping[str, Any]) -> Iterator[Pattern]:
    if holder.who:
        yield from (Pattern((who,)) for who in holder.who)
    for member in ("Principal", "NotPrincipal"):
        if member in statement:
            found = list(_principals(reader, holder.stack, statement[member]))
            if member == "NotPrincipal":
                yield Pattern(tuple(sorted(found)), excludes=True)
            else:
                yield from (Pattern((each,)) for each in found)


def _principals(reader: Reader, stack: str, value: object) -> Iterator[str]:
    """`*`, `account 1234`, `service ...`, `identity provider ...`, a role's path, or an ARN."""
    if not isinstance(value, Mapping) or set(value) <= {"Ref", "Fn::GetAtt"}:
        yield from reader.texts(stack, value)
        return
    prefixes = {"Service": "service ", "Federated": "identity provider ", "CanonicalUser": "user "}
    for kind, inner in value.items():
        for text in reader.texts(stack, inner):
            yield f"{prefixes[kind]}{text}" if kind in prefixes else _principal(text)


def _principal(text: str) -> str:
    if text.endswith(":root"):
        # The token of the environment's own account has colons as well.
        return f"{_ACCOUNT}{_ROOT_OF.sub('', text.removesuffix(':root'))}"
    if text.startswith("${") and text.endswith(".Arn}"):
        return text[2:-5]
    return f"{_ACCOUNT}{text}" if text.isdigit() or text == ACCOUNT else text


def _patterns(
    reader: Reader, stack: str, statement: Mapping[str, Any], member: str
) -> Iterator[Pattern]:
    if member in statement:
        yield from (Pattern((text,)) for text in reader.texts(stack, statement[member]))
    if f"Not{member}" in statement:
        yield Pattern(tuple(sorted(reader.texts(stack, statement[f"Not{member}"]))), excludes=True)


def _resources(reader: Reader, holder: Holder, statement: Mapping[str, Any]) -> Iterator[Pattern]:
    found = list(_patterns(reader, holder.stack, statement, "Resource"))
    if holder.resource is None:
        yield from found
    elif not found or any(each.everything for each in found):
        yield Pattern((holder.resource,))
    else:
        yield from found


def _clauses(reader: Reader, stack: str, conditions: object) -> Iterator[Clause]:
    for operator, keys in conditions.items() if isinstance(conditions, Mapping) else ():
        if not isinstance(keys, Mapping) or operator.startswith("Fn::"):
            # What CloudFormation makes of it is not known here: only the same is the same.
            yield Clause(operator, "", (reader.text(stack, keys),))
            continue
        for key, values in keys.items():
            yield Clause(operator, key, tuple(sorted(reader.texts(stack, values))))
