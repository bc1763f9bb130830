"""Dataclasses to JSON and back, strictly: the cloud and its instances talk in these lines."""

import dataclasses
import json
import types
import typing
from typing import Any, TypeVar

T = TypeVar("T")


def encode(value: object) -> Any:
    """A dataclass, or anything JSON already knows, as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], data: Any) -> T:
    """Build a `kind` from what `encode` made of one. Raises TypeError where they do not agree."""
    return typing.cast("T", _decode(kind, data))


def line(value: object) -> bytes:
    """One JSON line, ready to be written to a pipe."""
    return json.dumps(encode(value), separators=(",", ":")).encode() + b"\n"


def _decode(kind: Any, data: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any or kind is object:
        return data
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, data)
    if origin in (typing.Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        return None if data is None else _decode(inner[0], data)
    if origin is tuple:
        return tuple(_decode(arguments[0], item) for item in data)
    if origin is list:
        return [_decode(arguments[0], item) for item in data]
    if origin is dict:
        return {key: _decode(arguments[1], item) for key, item in data.items()}
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is not a {kind.__name__}")
    return data


def _decode_dataclass(kind: Any, data: Any) -> Any:
    if not isinstance(data, dict):
        raise TypeError(f"{data!r} is not a {kind.__name__}")
    hints = typing.get_type_hints(kind)
    return kind(**{name: _decode(hints[name], value) for name, value in data.items()})
