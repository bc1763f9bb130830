"""What a wildcard of a policy covers: `s3:*` covers `s3:GetObject`, and `s3:Get*` too.

IAM's rules: `*` is any text and `?` one sign; letters of an action are the same in both cases.
"""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, order=True)
class Pattern:
    """An action, a resource or a principal of a statement; or all but some of them."""

    texts: tuple[str, ...]
    """One of them; of a pattern that excludes, all that it excludes."""

    excludes: bool = False
    """NotAction, NotResource, NotPrincipal: everything but `texts`."""

    def covers(self, other: "Pattern") -> bool:
        """Whether whatever `other` stands for is in this one; False where that is not certain."""
        if self.excludes and other.excludes:
            return all(any(matches(out, mine) for out in other.texts) for mine in self.texts)
        if self.excludes:
            return not any(overlap(mine, theirs) for mine in self.texts for theirs in other.texts)
        if other.excludes:
            return "*" in self.texts
        return all(any(matches(mine, theirs) for mine in self.texts) for theirs in other.texts)

    @property
    def folded(self) -> "Pattern":
        """For an action: the same in small letters."""
        return Pattern(tuple(text.lower() for text in self.texts), self.excludes)

    @property
    def everything(self) -> bool:
        return not self.excludes and "*" in self.texts

    def __str__(self) -> str:
        joined = ", ".join(self.texts)
        return f"everything but {joined}" if self.excludes else joined


@lru_cache(maxsize=4096)
def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` covers `text`, which may have wildcards itself.

    A wildcard of `text` is only covered by one of `pattern`; so what is covered is so for certain.
    """
    # A sign of the text that is no wildcard is itself; `?` of the pattern never covers its `*`.
    expression = "".join({"*": ".*", "?": "[^*]"}.get(sign) or re.escape(sign) for sign in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def overlap(one: str, other: str) -> bool:
    """Whether two patterns may have a text in common; False only where that is certain."""
    for first, second in zip(one, other, strict=False):
        if first in "*?" or second in "*?":
            return True
        if first != second:
            return False
    shorter, longer = sorted((one, other), key=len)
    return set(longer[len(shorter) :]) <= {"*"}
