"""RecordIO, the framing in which SageMaker streams records through a pipe (facts sheet A.2.1).

A frame is `magic | part << 29 | length | payload | zeros to a multiple of four bytes`, both numbers
32 bits, little endian. A payload that contains the magic at an aligned place is split there into
several frames: the reader puts the parts together again with the magic between them.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

MAGIC = 0xCED7230A
_MAGIC_BYTES = struct.pack("<I", MAGIC)
_HEADER = struct.Struct("<II")
_LENGTH_MASK = (1 << 29) - 1

WHOLE, FIRST, MIDDLE, LAST = range(4)

RECORD_LIMIT_BYTES = 64 * 1024 * 1024
"Larger than any image: what claims to be more is a broken stream."


class RecordError(ValueError):
    """The stream is not RecordIO."""


def records(stream: BinaryIO) -> Iterator[bytes]:
    """The payloads in order, up to the end of the stream. Raises RecordError."""
    parts: list[bytes] = []
    while header := stream.read(_HEADER.size):
        part, payload = _frame(header, stream)
        if (part in (WHOLE, FIRST)) == bool(parts):
            raise RecordError("a record's parts are out of order")
        parts.append(payload)
        if sum(map(len, parts)) > RECORD_LIMIT_BYTES:
            raise RecordError(f"a record of more than {RECORD_LIMIT_BYTES} bytes")
        if part in (WHOLE, LAST):
            yield _MAGIC_BYTES.join(parts) if len(parts) > 1 else payload
            parts.clear()
    if parts:
        raise RecordError("the stream ends inside a record")


def _frame(header: bytes, stream: BinaryIO) -> tuple[int, bytes]:
    if len(header) < _HEADER.size:
        raise RecordError("the stream ends inside a frame's header")
    magic, length_and_part = _HEADER.unpack(header)
    if magic != MAGIC:
        raise RecordError(f"expected the magic number {MAGIC:#x}, found {magic:#x}")
    part, length = length_and_part >> 29, length_and_part & _LENGTH_MASK
    if part > LAST:
        raise RecordError(f"no frame is of kind {part}")
    if length > RECORD_LIMIT_BYTES:
        raise RecordError(f"a record of more than {RECORD_LIMIT_BYTES} bytes")
    payload = stream.read(length + -length % 4)
    if len(payload) < length + -length % 4:
        raise RecordError("the stream ends inside a record")
    return part, payload[:length]
