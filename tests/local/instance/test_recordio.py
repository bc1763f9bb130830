"""RecordIO frames as a reader of dmlc's format sees them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.instance import recordio
from local.instance.recordio import MAGIC, frame


def read(data: bytes) -> list[bytes]:
    """Written from the format's description (facts sheet A.2.1), not from our writer."""
    records: list[bytes] = []
    parts: list[bytes] = []
    position = 0
    while position < len(data):
        magic, word = struct.unpack_from("<II", data, position)
        assert magic == 0xCED7230A
        flag, length = word >> 29, word & ((1 << 29) - 1)
        parts.append(data[position + 8 : position + 8 + length])
        position += 8 + length + -length % 4
        if flag in (0, 3):
            records.append(MAGIC.join(parts))
            parts = []
    assert not parts
    return records


@given(st.lists(st.lists(st.sampled_from([MAGIC, b"a", b"bcd", b"efgh", b""])).map(b"".join)))
def test_what_is_framed_can_be_read_again(payloads: list[bytes]) -> None:
    assert read(b"".join(map(frame, payloads))) == payloads


@given(st.lists(st.sampled_from([MAGIC, b"a", b"bcde"])).map(b"".join))
def test_the_magic_stands_at_an_aligned_position_only_where_a_part_begins(payload: bytes) -> None:
    framed = frame(payload)
    aligned = [at for at in range(0, len(framed), 4) if framed[at : at + 4] == MAGIC]
    starts = []
    position = 0
    while position < len(framed):
        starts.append(position)
        length = struct.unpack_from("<I", framed, position + 4)[0] & ((1 << 29) - 1)
        position += 8 + length + -length % 4
    assert aligned == starts


def test_a_record_longer_than_its_length_field_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordio, "LONGEST_RECORD_BYTES", 3)
    with pytest.raises(ValueError, match="4 bytes exceeds 3"):
        frame(b"abcd")
