"""Who, what and when of a permission, in words."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from scripts.differences.grants import Clause
from scripts.differences.home import ACCOUNT, REGION
from scripts.differences.patterns import Pattern
from scripts.differences.words import Phrase, listed, phrase

_PART: Final = r"(?:[^:$]|\$\{[^}]*\})*"
_ARN: Final = re.compile(
    rf"arn:(?:aws|\$\{{AWS::Partition\}}):([a-z0-9-]+):({_PART}):({_PART}):(.+)", re.DOTALL
)
"""An ARN of the partition that is taken for granted: service, region, account, and the rest."""

_ASSUME: Final = frozenset({"sts:assumerole", "sts:assumerolewithwebidentity"})


def who(principal: Pattern) -> Phrase:
    """Who is meant."""
    if principal.everything:
        return phrase("anybody")
    if principal.excludes:
        return phrase("everybody but {}", listed(map(_principal, principal.texts)))
    return _principal(principal.texts[0])


def _principal(text: str) -> Phrase:
    if text == "*":
        return phrase("anybody")
    kind, _, name = text.partition(" ")
    if kind == "account" and name:
        if name == ACCOUNT:
            return phrase("anybody of this environment's account")
        return phrase("anybody of account {}", name)
    if kind == "identity" and name:
        return phrase(
            "whoever the identity provider {} vouches for", name.removeprefix("provider ")
        )
    if kind == "service" and name:
        return phrase("the service {}", name)
    return phrase("{}", text)


def what(actions: Iterable[Pattern], resources: Iterable[Pattern]) -> Phrase:
    """What is done, and to what."""
    done, to = list(actions), list(resources)
    if all(set(each.folded.texts) <= _ASSUME and not each.excludes for each in done):
        return phrase("assume role {}", _resources(to))
    return phrase("{} on {}", listed(map(_action, done)), _resources(to))


def _action(action: Pattern) -> Phrase:
    if action.everything:
        return phrase("do everything ({})", "*")
    if action.excludes:
        return phrase("do everything but {}", listed(action.texts))
    return phrase("{}", action.texts[0])


def _resources(resources: Iterable[Pattern]) -> Phrase:
    found: list[Phrase] = []
    named: list[str] = []
    for each in resources:
        if each.everything:
            found.append(phrase("everything ({})", "*"))
        elif each.excludes:
            found.append(phrase("everything but {}", _things(each.texts)))
        else:
            named += each.texts
    return listed([*found, *([_things(named)] if named else [])], " and ")


def _things(texts: Iterable[str]) -> Phrase:
    """Those that belong to the same, such as parts of a bucket, with what they belong to once."""
    places: dict[Phrase, list[str]] = {}
    for text in texts:
        inner, place = _placed(text)
        places.setdefault(place, []).append(inner)
    return listed(
        (phrase("{}{}", listed(inner, " and "), place) for place, inner in places.items()), " and "
    )


def _placed(text: str) -> tuple[str, Phrase]:
    """`${Data/Artifacts/Bucket.Arn}/drill/*` is `drill/*` of a bucket that the reader knows.

    Of an ARN what says where a thing is: the region and the account where they are not just the
    environment's own.
    """
    token, _, rest = text.removeprefix("${").partition("}")
    if text.startswith("${") and "/" in token:
        owner = token.removesuffix(".Arn")
        return (rest.lstrip("/:"), phrase(" of {}", owner)) if rest else (owner, Phrase())
    found = _ARN.fullmatch(text)
    if found is None:
        return text, Phrase()
    service, region, account, inner = found.groups()
    if service == "s3" and not (region or account):
        return f"s3://{inner}", Phrase()
    where = phrase(" in {}", region) if region not in ("", REGION) else Phrase()
    whose = phrase(" of account {}", account) if account != ACCOUNT else Phrase()
    if not account:
        whose = Phrase()
    return inner, phrase(" of {}{}{}", service, where, whose)


def when(conditions: Sequence[Clause]) -> Phrase:
    """Under which conditions; nothing where there are none."""
    if not conditions:
        return Phrase()
    return phrase(" when {}", listed(conditions, " and "))
