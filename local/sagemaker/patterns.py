"""The service model's regular expressions, which are Java's: Python's `re` lacks `\\p{...}`."""

import functools

import regex

# Java strings are UTF-16, so one pattern of the model names surrogates to say "any character".
_SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
_BEYOND_16_BITS = r"\U00010000-\U0010FFFF"


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern.replace(_SURROGATES, _BEYOND_16_BITS))


def matches(pattern: str, value: str) -> bool:
    """Whether the whole value is what the pattern of the model allows."""
    return _compiled(pattern).fullmatch(value) is not None
