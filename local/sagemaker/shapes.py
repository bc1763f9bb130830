"""Requests and responses held against botocore's model of the service."""

import difflib
import functools
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from local.sagemaker.errors import ApiError, unknown_operation
from local.sagemaker.patterns import matches

SAGEMAKER = "sagemaker"
ENUM_VALUES_SHOWN = 12
SHOWN_CHARACTERS = 120
_INTEGERS, _FLOATS = ("integer", "long"), ("float", "double")
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str, datetime),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}

# Their answers hold a list, and an empty one is an answer.
_LISTING = ("List", "DescribeScalable", "DescribeScaling")
# The model calls these required, and the service leaves them out until they are known.
_REQUIRED_BUT_LATE: dict[str, dict[str, Any]] = {
    "DescribeTrainingJob": {"ModelArtifacts": {"S3ModelArtifacts": ""}}
}


@functools.cache
def service_model(service: str = SAGEMAKER) -> ServiceModel:
    """The service as botocore describes it; 0.1 s to read, so it is read once and when needed."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def operation_model(operation: str, service: str = SAGEMAKER) -> OperationModel:
    """Raises ApiError when the service has no such operation."""
    if operation not in service_model(service).operation_names:
        raise unknown_operation(operation)
    return service_model(service).operation_model(operation)


def check_request(operation: str, request: dict[str, Any], service: str = SAGEMAKER) -> None:
    """Raises ApiError (ValidationException) that lists everything the service would object to."""
    shape = operation_model(operation, service).input_shape
    if shape is None:
        return
    objections = list(_objections(shape, request, ""))
    if objections:
        count = (
            "1 validation error" if len(objections) == 1 else f"{len(objections)} validation errors"
        )
        raise ApiError("ValidationException", f"{count} detected: {'; '.join(objections)}")


def response(operation: str, answer: dict[str, Any], service: str = SAGEMAKER) -> dict[str, Any]:
    """`answer` as it leaves: absent members omitted, everything else as the model says.

    Raises AssertionError where it is not: that is a defect of the local cloud, never the caller's.
    """
    shape = operation_model(operation, service).output_shape
    if shape is None:
        return {}
    pruned: dict[str, Any] = _pruned(answer, shape, keep_empty=operation.startswith(_LISTING))
    late = _REQUIRED_BUT_LATE.get(operation, {})
    faults = list(_objections(shape, late | pruned, "", patterns=False))
    if faults:
        raise AssertionError(f"the answer of {operation} breaks the service model: {faults}")
    return pruned


def coerce(operation: str, properties: dict[str, Any], service: str = SAGEMAKER) -> dict[str, Any]:
    """CloudFormation's properties as a request: numbers and booleans may come as text there."""
    shape = operation_model(operation, service).input_shape
    coerced: dict[str, Any] = {} if shape is None else _coerced(shape, properties)
    return coerced


def _coerced(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            name: _coerced(shape.members[name], member) if name in shape.members else member
            for name, member in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_coerced(shape.member, member) for member in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: _coerced(shape.value, member) for name, member in value.items()}
    return _coerced_scalar(shape.type_name, value)


def _coerced_scalar(kind: str, value: Any) -> Any:
    if kind == "string" and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if not isinstance(value, str):
        return value
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    try:
        if kind in _INTEGERS:
            return int(value)
        if kind in _FLOATS:
            return float(value)
    except ValueError:
        return value  # left as it is for `check_request` to refuse by name
    return value


def _pruned(value: Any, shape: Shape, *, keep_empty: bool = False) -> Any:
    """Without None, and without empty structures and lists: clients take those for answers."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = {
            name: _pruned(member, shape.members[name]) if name in shape.members else member
            for name, member in value.items()
        }
        return {
            name: member
            for name, member in members.items()
            if member is not None
            and (member not in ({}, []) or keep_empty or name in shape.required_members)
        }
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [_pruned(member, shape.member) for member in value]
    return value


def _objections(shape: Shape, value: Any, path: str, *, patterns: bool = True) -> Iterator[str]:
    if not _is_of_type(shape, value):
        yield _objection(value, path, f"Member must be of type {shape.type_name}")
    elif isinstance(shape, StructureShape):
        yield from _structure_objections(shape, value, path, patterns)
    elif isinstance(shape, ListShape):
        yield from _size_objections(shape, value, path)
        for number, member in enumerate(value, start=1):
            yield from _objections(
                shape.member, member, f"{path}.{number}.member", patterns=patterns
            )
    elif isinstance(shape, MapShape):
        yield from _size_objections(shape, value, path)
        for name, member in value.items():
            yield from _objections(shape.key, name, f"{path}.key", patterns=patterns)
            yield from _objections(shape.value, member, f"{path}.{name}.value", patterns=patterns)
    elif patterns:
        yield from _scalar_objections(shape, value, path)


def _is_of_type(shape: Shape, value: Any) -> bool:
    if isinstance(value, bool):
        return shape.type_name == "boolean"
    return isinstance(value, _PYTHON_TYPES[shape.type_name])


def _structure_objections(
    shape: StructureShape, value: dict[str, Any], path: str, patterns: bool
) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _objection(None, _below(path, name), "Member must not be null")
    for name, member in value.items():
        if name not in shape.members:
            near = difflib.get_close_matches(name, shape.members, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            yield f"Unknown member '{name}' at '{path or 'the request'}'{hint}"
        elif member is not None:
            yield from _objections(
                shape.members[name], member, _below(path, name), patterns=patterns
            )


def _scalar_objections(shape: Shape, value: Any, path: str) -> Iterator[str]:
    rules = shape.metadata
    if isinstance(value, str):
        yield from _size_objections(shape, value, path)
        values = rules.get("enum", ())
        if values and value not in values:
            shown = f"Member must satisfy enum value set: [{_enum_text(value, values)}]"
            yield _objection(value, path, shown)
        pattern = rules.get("pattern")
        if pattern and not matches(pattern, value):
            shown = f"Member must satisfy regular expression pattern: {pattern}"
            yield _objection(value, path, shown)
    elif isinstance(value, int | float):
        if value < rules.get("min", value):
            yield _objection(
                value, path, f"Member must have value greater than or equal to {rules['min']}"
            )
        if value > rules.get("max", value):
            yield _objection(
                value, path, f"Member must have value less than or equal to {rules['max']}"
            )


def _size_objections(shape: Shape, value: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", len(value))
    if len(value) < least:
        yield _objection(value, path, f"Member must have length greater than or equal to {least}")
    if len(value) > most:
        yield _objection(value, path, f"Member must have length less than or equal to {most}")


def _enum_text(value: str, values: Any) -> str:
    """All values, or of many the nearest ones first: the message stays one readable line."""
    if len(values) <= ENUM_VALUES_SHOWN:
        return ", ".join(values)
    near = difflib.get_close_matches(value, values, n=ENUM_VALUES_SHOWN, cutoff=0.3)
    return ", ".join([*near, f"and {len(values) - len(near)} more"])


def _objection(value: Any, path: str, constraint: str) -> str:
    text = str(value)
    if len(text) > SHOWN_CHARACTERS:
        text = f"{text[:SHOWN_CHARACTERS]}..."
    shown = "null" if value is None else f"'{text}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _below(path: str, name: str) -> str:
    """Members are shown as the service's own language spells them: resourceConfig.instanceType."""
    lower = name[0].lower() + name[1:]
    return f"{path}.{lower}" if path else lower
