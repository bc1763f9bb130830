"""An object in parts, and what tells whether a part that stands there is the right one."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOST_PARTS: Final = 10_000
"""Of one multipart upload; S3 takes no more."""

_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some consecutive bytes of an object; S3 counts parts from 1."""

    number: int
    first: int
    size: int

    @property
    def range(self) -> str:
        """As the header of a copied range has it; the last byte is in it."""
        return f"bytes={self.first}-{self.first + self.size - 1}"


@dataclass(frozen=True, kw_only=True)
class Digests:
    """What S3 may tell of a part: its ETag without a key of one's own, else its checksum."""

    md5: str
    sha256: str
    """Base64, as S3 writes it."""

    def are_told(self, etag: str, sha256: str | None) -> bool:
        """Whether S3 tells them of a part; its ETag counts only where it tells no checksum."""
        return etag.strip('"') == self.md5 if sha256 is None else sha256 == self.sha256


def parts_of(size: int, part_bytes: int) -> list[Part]:
    """The parts of an object of `size` bytes, the same ones each time.

    They are larger than `part_bytes` where there would be more of them than S3 takes.
    """
    step = max(part_bytes, -(-size // MOST_PARTS))
    return [
        Part(number=number, first=first, size=min(step, size - first))
        for number, first in enumerate(range(0, size, step), start=1)
    ]


def digests(file: Path, part: Part) -> Digests:
    """Of a part as it has to be, from a local file with the whole object."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    for chunk in _chunks(file, part):
        md5.update(chunk)
        sha256.update(chunk)
    return Digests(md5=md5.hexdigest(), sha256=base64.b64encode(sha256.digest()).decode())


def _chunks(file: Path, part: Part) -> Iterator[bytes]:
    with file.open("rb") as opened:
        opened.seek(part.first)
        left = part.size
        while chunk := opened.read(min(left, _CHUNK_BYTES)):
            yield chunk
            left -= len(chunk)
