"""RecordIO is read as the library that defines it writes it."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithm.training.recordio import (
    FIRST,
    LAST,
    MAGIC,
    MIDDLE,
    RECORD_LIMIT_BYTES,
    RecordError,
    records,
)
from tests.unit.algorithm.training_job import record

MAGIC_BYTES = struct.pack("<I", MAGIC)


def written(payload: bytes) -> bytes:
    """One record as dmlc-core writes it: split wherever an aligned magic is inside."""
    parts: list[bytes] = []
    begin = 0
    for at in range(0, len(payload) - len(payload) % 4, 4):
        if payload[at : at + 4] == MAGIC_BYTES:
            parts.append(payload[begin:at])
            begin = at + 4
    parts.append(payload[begin:])
    if len(parts) == 1:
        return record(payload)
    kinds = [FIRST, *[MIDDLE] * (len(parts) - 2), LAST]
    return b"".join(record(part, kind) for part, kind in zip(parts, kinds, strict=True))


payloads = st.lists(
    st.one_of(st.binary(max_size=9), st.just(MAGIC_BYTES), st.just(b"\0\0\0\0")), max_size=6
).map(b"".join)


@given(st.lists(payloads, max_size=5))
def test_records_are_read_as_written_even_with_the_magic_inside(payloads: list[bytes]) -> None:
    stream = io.BytesIO(b"".join(map(written, payloads)))
    assert list(records(stream)) == payloads


@given(st.lists(payloads, min_size=1, max_size=3), st.data())
def test_a_stream_cut_anywhere_but_between_records_is_refused(
    payloads: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(map(written, payloads))
    ends = {len(b"".join(map(written, payloads[:count]))) for count in range(len(payloads) + 1)}
    cut = data.draw(st.sampled_from(sorted(set(range(len(whole))) - ends)))
    with pytest.raises(RecordError, match="ends inside"):
        list(records(io.BytesIO(whole[:cut])))


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        (b"\x89PNG\r\n\x1a\n" * 4, "magic number"),
        (record(b"only the end", LAST), "out of order"),
        (record(b"start", FIRST) + record(b"whole"), "out of order"),
        (record(b"", 5), "kind 5"),
        (struct.pack("<II", MAGIC, RECORD_LIMIT_BYTES + 4), "more than"),
    ],
)
def test_what_is_no_recordio_is_refused(stream: bytes, problem: str) -> None:
    with pytest.raises(RecordError, match=problem):
        list(records(io.BytesIO(stream)))
