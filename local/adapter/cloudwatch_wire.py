"""CloudWatch requests and answers in its JSON and its Query protocol.

Stock: each operation reads and writes each protocol by hand, in part. CBOR needs a package that is
not installed, and is answered as if the request were empty.
Needed: both protocols whole, from botocore's model of the service; CBOR refused by name (boto3 and
the AWS CLI speak JSON). Touches: `cloudwatch._error`, `._xml`, `._json_ok`.
"""

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from local.sagemaker.errors import ApiError

Answer = tuple[int, dict[str, str], bytes]
Operation = Callable[[Mapping[str, Any]], dict[str, Any] | None]
_NUMBERS: dict[str, Callable[[str], float]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
}


def answer(
    name: str, operation: Operation, fields: Mapping[str, Any], body: Any, *, json: bool, cbor: bool
) -> Answer:
    """Read the request, run the operation, write its answer or its refusal."""
    from ministack.services import cloudwatch

    try:
        found = operation(_read(name, fields, body, json=json, cbor=cbor)) or {}
    except ApiError as error:
        return _refusal(error, json=json or cbor)
    except (AttributeError, KeyError, TypeError, ValueError):
        # The data of busy endpoints are not held against the service model, member by member.
        unreadable = ApiError("SerializationException", f"The {name} request cannot be read.")
        return _refusal(unreadable, json=json or cbor)
    if json:
        reply: Answer = cloudwatch._json_ok(_seconds(found))
        return reply
    shape = _service().operation_model(name).output_shape
    return _xml(name, "" if shape is None else _to_xml(shape, found))


def _read(name: str, fields: Mapping[str, Any], body: Any, *, json: bool, cbor: bool) -> Any:
    if cbor:
        raise ApiError("InvalidAction", "The local cloud's CloudWatch does not speak CBOR.")
    shape = _service().operation_model(name).input_shape
    return body if json or shape is None else _from_query(shape, _flat(fields), "")


def _refusal(error: ApiError, *, json: bool) -> Answer:
    from ministack.services import cloudwatch

    message = str(error.message)
    reply: Answer = cloudwatch._error(error.code, message, error.http_status, use_json=json)
    return reply


def _xml(name: str, result: str) -> Answer:
    from ministack.services import cloudwatch

    inner = f"<{name}Result>{result}</{name}Result>" if result else ""
    reply: Answer = cloudwatch._xml(200, f"{name}Response", inner)
    return reply


@functools.cache
def _service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("cloudwatch", "service-2"), "cloudwatch")


def _flat(fields: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value[0] if isinstance(value, list) else value) for name, value in fields.items()
    }


def _from_query(shape: Shape, fields: Mapping[str, str], prefix: str) -> Any:
    if isinstance(shape, StructureShape):
        return {
            name: _from_query(member, fields, f"{prefix}{name}")
            if not isinstance(member, StructureShape | ListShape)
            else _from_query(member, fields, f"{prefix}{name}.")
            for name, member in shape.members.items()
            if any(
                given == f"{prefix}{name}" or given.startswith(f"{prefix}{name}.")
                for given in fields
            )
        }
    if isinstance(shape, ListShape):
        return _list_from_query(shape, fields, prefix)
    return _scalar(shape, fields[prefix])


def _list_from_query(shape: ListShape, fields: Mapping[str, str], prefix: str) -> list[Any]:
    start = f"{prefix}member."
    numbers = sorted(
        {
            int(number)
            for given in fields
            if given.startswith(start)
            and (number := given[len(start) :].partition(".")[0]).isdigit()
        }
    )
    dot = "." if isinstance(shape.member, StructureShape | ListShape) else ""
    return [_from_query(shape.member, fields, f"{start}{number}{dot}") for number in numbers]


def _scalar(shape: Shape, text: str) -> Any:
    try:
        if shape.type_name in _NUMBERS:
            return _NUMBERS[shape.type_name](text)
    except ValueError:
        raise ApiError("InvalidParameterValue", f"{text!r} is not a number.") from None
    return text == "true" if shape.type_name == "boolean" else text


def _to_xml(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return "".join(
            f"<{name}>{_to_xml(member, value[name])}</{name}>"
            for name, member in shape.members.items()
            if value.get(name) is not None
        )
    if isinstance(shape, ListShape):
        return "".join(f"<member>{_to_xml(shape.member, each)}</member>" for each in value)
    if isinstance(shape, MapShape):
        return "".join(
            f"<entry><key>{escape(name)}</key><value>{each}</value></entry>"
            for name, each in value.items()
        )
    return value.isoformat() if isinstance(value, datetime) else escape(str(value))


def _seconds(value: Any) -> Any:
    """JSON has timestamps as numbers and leaves absent members out."""
    if isinstance(value, dict):
        return {name: _seconds(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_seconds(each) for each in value]
    return value.timestamp() if isinstance(value, datetime) else value
