"""How an object is cut into parts."""

import base64
import hashlib
from pathlib import Path

import pytest

from scripts.promotion.parts import MOST_PARTS, digests, parts_of


@pytest.mark.parametrize(
    ("size", "part_bytes", "count"),
    [(10, 5, 2), (11, 5, 3), (4, 5, 1), (MOST_PARTS * 5 + 1, 5, MOST_PARTS)],
)
def test_the_parts_are_the_whole_object_in_order(size: int, part_bytes: int, count: int) -> None:
    parts = parts_of(size, part_bytes)
    assert len(parts) <= count
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    end = 0
    for part in parts:
        assert part.first == end
        assert part.size > 0
        end += part.size
    assert end == size


def test_a_range_names_its_last_byte() -> None:
    assert [part.range for part in parts_of(11, 5)] == ["bytes=0-4", "bytes=5-9", "bytes=10-10"]


def test_a_parts_digests_are_of_its_bytes_alone(tmp_path: Path) -> None:
    file = tmp_path / "object"
    file.write_bytes(b"aaaaabbbbbc")
    _, middle, last = parts_of(11, 5)
    assert digests(file, middle).md5 == hashlib.md5(b"bbbbb", usedforsecurity=False).hexdigest()
    assert digests(file, last).md5 == hashlib.md5(b"c", usedforsecurity=False).hexdigest()
    sha256 = base64.b64encode(hashlib.sha256(b"c").digest()).decode()
    assert digests(file, last).sha256 == sha256


def test_a_part_is_known_by_its_checksum_and_without_one_by_its_etag(tmp_path: Path) -> None:
    file = tmp_path / "object"
    file.write_bytes(b"aaaaabbbbbc")
    right, other = (digests(file, part) for part in parts_of(11, 5)[:2])
    assert right.are_told(f'"{right.md5}"', None)
    assert not right.are_told(f'"{other.md5}"', None)
    # Under a KMS key an ETag is of nothing that can be computed here.
    assert right.are_told('"of the ciphertext"', right.sha256)
    assert not right.are_told(f'"{right.md5}"', other.sha256)
