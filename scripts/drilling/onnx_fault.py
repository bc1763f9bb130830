"""A fault for ONNX models: loads, passes its warm-up, and fails on every picture.

A serialized model to which a second one is appended is, by the rules of Protocol Buffers, the two
merged: lists such as nodes and outputs are joined. So the fault is a few bytes at the end of the
file, and neither the model is parsed nor a library for its format is needed.

What is appended computes the brightest value of the input and reshapes a single number to that
many: right for the blank input that a server warms up with (a dimension of 0 means "as it is"),
impossible for a picture with any value above 1. The shape of a Reshape is checked on the host,
so that it fails alike on CPUs and GPUs.
"""

from typing import Final

from algorithm.contract.artifact import INPUT_NAME

_PREFIX: Final = "darkroom-drill"
_LENGTH_DELIMITED: Final = 2
_FLOAT, _INT64 = 1, 7
"""Element types (onnx.TensorProto.DataType)."""

_INTEGER_ATTRIBUTE: Final = 2
"""onnx.AttributeProto.AttributeType.INT."""


def onnx_fault() -> bytes:
    """The bytes that break an ONNX model of ours when they follow it (onnx.proto: ModelProto)."""
    one, number = f"{_PREFIX}/one", f"{_PREFIX}/number"
    peak, list_of_peak = f"{_PREFIX}/peak", f"{_PREFIX}/list-of-peak"
    count, fault = f"{_PREFIX}/count", f"{_PREFIX}/fault"
    graph = b"".join(
        (
            _node("ReduceMax", [INPUT_NAME], peak),
            _node("Reshape", [peak, one], list_of_peak),
            _node("Cast", [list_of_peak], count, _integer("to", _INT64)),
            _node("Reshape", [number, count], fault),
            _field(5, _tensor(one, _INT64, (7, _varint(1)))),
            _field(5, _tensor(number, _FLOAT, (4, b"\0\0\0\0"))),
            _output(fault),
        )
    )
    return _field(7, graph)


def _node(operator: str, inputs: list[str], output: str, attribute: bytes = b"") -> bytes:
    """GraphProto.node."""
    names = b"".join(_text(1, name) for name in inputs)
    return _field(1, names + _text(2, output) + _text(3, output) + _text(4, operator) + attribute)


def _integer(name: str, value: int) -> bytes:
    """NodeProto.attribute, one number."""
    return _field(5, _text(1, name) + _number(3, value) + _number(20, _INTEGER_ATTRIBUTE))


def _tensor(name: str, element: int, data: tuple[int, bytes]) -> bytes:
    """TensorProto with a single element, whose encoding belongs into the field named."""
    field, value = data
    return _number(1, 1) + _number(2, element) + _field(field, value) + _text(8, name)


def _output(name: str) -> bytes:
    """GraphProto.output, a list of numbers of unknown length.

    An output is computed for every request, and no optimizer removes what leads to it.
    """
    any_length = _field(1, b"")
    tensor = _number(1, _FLOAT) + _field(2, any_length)
    return _field(12, _text(1, name) + _field(2, _field(1, tensor)))


def _text(field: int, value: str) -> bytes:
    return _field(field, value.encode())


def _field(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | _LENGTH_DELIMITED) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
