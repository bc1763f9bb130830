"""RecordIO framing, the wrapper SageMaker puts around Pipe-mode records (facts sheet A.2.1)."""

import struct

MAGIC = struct.pack("<I", 0xCED7230A)
LENGTH_BITS = 29
LONGEST_RECORD_BYTES = (1 << LENGTH_BITS) - 1
_WHOLE, _START, _MIDDLE, _END = 0, 1, 2, 3


def frame(payload: bytes) -> bytes:
    """One record. A payload that holds the magic at an aligned position is split there, as dmlc's
    writer does, so that a reader which lost its place can always find the next record.

    Raises ValueError when the payload is longer than 29 bits can say.
    """
    if len(payload) > LONGEST_RECORD_BYTES:
        raise ValueError(f"a record of {len(payload)} bytes exceeds {LONGEST_RECORD_BYTES}")
    cuts = _aligned_magics(payload)
    if not cuts:
        return _part(_WHOLE, payload)
    edges = [0, *(cut + len(MAGIC) for cut in cuts)]
    pieces = [payload[start:end] for start, end in zip(edges, [*cuts, len(payload)], strict=True)]
    flags = [_START, *[_MIDDLE] * (len(pieces) - 2), _END]
    return b"".join(_part(flag, piece) for flag, piece in zip(flags, pieces, strict=True))


def _aligned_magics(payload: bytes) -> list[int]:
    found: list[int] = []
    position = payload.find(MAGIC)
    while position >= 0:
        aligned = position % 4 == 0
        if aligned:
            found.append(position)
        position = payload.find(MAGIC, position + (4 if aligned else 1))
    return found


def _part(flag: int, piece: bytes) -> bytes:
    header = MAGIC + struct.pack("<I", flag << LENGTH_BITS | len(piece))
    return header + piece + bytes(-len(piece) % 4)
