"""One JSON object, read strictly: a missing, unknown or mistyped member is named."""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from config.errors import ConfigurationError

REMEDY: Final = (
    "restore it from git, or delete it and run `darkroom release` or `darkroom promote` again"
)


@contextmanager
def located(where: str) -> Iterator[None]:
    """Put `where` before the text of a ConfigurationError raised inside, unless it is there."""
    try:
        yield
    except ConfigurationError as problem:
        text = str(problem)
        raise ConfigurationError(text if text.startswith(where) else f"{where}.{text}") from problem


class Record:
    """The members of a JSON object at `where`, taken out one by one.

    Every method raises ConfigurationError naming the place of the member.
    """

    def __init__(
        self, value: object, where: str, members: Iterable[str], optional: Iterable[str] = ()
    ) -> None:
        if not isinstance(value, dict):
            raise ConfigurationError(f"{where} is {_kind(value)}, but must be an object; {REMEDY}")
        needed = list(members)
        known = [*needed, *optional]
        for name in value:
            if name not in known:
                raise ConfigurationError(
                    f"{where} has the unknown member {name!r}, but may only have "
                    f"{', '.join(known)}; {REMEDY}"
                )
        for name in needed:
            if name not in value:
                raise ConfigurationError(f"{where} lacks the member {name!r}; {REMEDY}")
        self._value: dict[str, Any] = value
        self._where = where

    def __contains__(self, name: str) -> bool:
        """Whether an optional member is there."""
        return name in self._value

    def anything(self, name: str) -> object:
        """Whatever it is, for a further Record to read."""
        value: object = self._value[name]
        return value

    def text(self, name: str) -> str:
        """A non-empty string."""
        value = self._value[name]
        if not isinstance(value, str) or not value:
            raise self._wrong(name, value, "a non-empty string")
        return value

    def count(self, name: str) -> int:
        """A positive whole number."""
        value = self._value[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self._wrong(name, value, "a positive whole number")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._value[name]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, value, "a list of strings")
        return tuple(value)

    def text_by_name(self, name: str) -> Mapping[str, str]:
        """An object whose values are strings."""
        value = self._value[name]
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise self._wrong(name, value, "an object of strings")
        return value

    def number_by_name(self, name: str) -> Mapping[str, float]:
        """An object whose values are finite numbers."""
        value = self._value[name]
        if not isinstance(value, dict) or not all(_is_number(v) for v in value.values()):
            raise self._wrong(name, value, "an object of finite numbers")
        return value

    def objects(self, name: str) -> Mapping[str, object]:
        """An object of anything, for a further Record to read."""
        value = self._value[name]
        if not isinstance(value, dict):
            raise self._wrong(name, value, "an object")
        return value

    def _wrong(self, name: str, value: object, limit: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self._where}.{name} is {_kind(value)}, but must be {limit}; {REMEDY}"
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _kind(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
