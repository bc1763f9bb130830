"""Walks a PNG chunk by chunk, with checksums, to IEND without decoding a pixel (W3C PNG, 5-11)."""

import struct
import zlib
from typing import Final

from dataset import rules
from dataset.header import Header, ImageFormat
from dataset.rules import Violation

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

_LENGTH_AND_TYPE: Final = struct.Struct(">I4s")
_IHDR: Final = struct.Struct(">IIBBBBB")
_PALETTE: Final = 3
_BIT_DEPTHS: Final = {
    0: {1, 2, 4, 8, 16},  # greyscale
    2: {8, 16},  # RGB
    _PALETTE: {1, 2, 4, 8},
    4: {8, 16},  # greyscale with alpha
    6: {8, 16},  # RGB with alpha
}
_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_ANIMATION: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})
_COMPRESSED_METADATA: Final = frozenset({b"iCCP", b"zTXt", b"iTXt"})


def walk(data: bytes) -> Header:
    """The header of a PNG whose every chunk up to IEND is whole. Raises Violation.

    Bytes behind IEND are allowed, as every decoder does.
    """
    view = memoryview(data)
    header: Header | None = None
    metadata_budget = rules.MAX_PNG_METADATA_BYTES
    seen: set[bytes] = set()
    previous = b""
    position = len(SIGNATURE)
    while previous != b"IEND":
        kind, start, end = _chunk(view, position)
        position = end + 4
        if header is None:
            header = _image_header(kind, view[start:end])
        elif kind in _ANIMATION:
            raise Violation(rules.ANIMATED, f"animation chunk {kind.decode()}")
        elif kind in _COMPRESSED_METADATA:
            metadata_budget -= _inflated_size(kind, data[start:end], metadata_budget)
        else:
            _check_order(kind, previous, seen)
        seen.add(kind)
        previous = kind
    if header is None or b"IDAT" not in seen:
        raise Violation(rules.CORRUPT, "no image data before IEND")
    if view[len(SIGNATURE) + 17] == _PALETTE and b"PLTE" not in seen:
        raise Violation(rules.CORRUPT, "palette image without a palette")
    return header


def _chunk(view: memoryview, position: int) -> tuple[bytes, int, int]:
    """Type, and start and end of the content, of the chunk at `position`; its CRC is right."""
    start = position + 8
    if start > len(view):
        raise _truncated(view)
    length, kind = _LENGTH_AND_TYPE.unpack_from(view, position)
    end = start + length
    if not (kind.isalpha() and kind.isascii()):
        raise Violation(rules.CORRUPT, f"no chunk at byte {position}")
    if end + 4 > len(view):
        raise _truncated(view)
    if zlib.crc32(view[position + 4 : end]) != int.from_bytes(view[end : end + 4]):
        raise Violation(rules.CORRUPT, f"wrong checksum of chunk {kind.decode()} at {position}")
    return kind, start, end


def _check_order(kind: bytes, previous: bytes, seen: set[bytes]) -> None:
    if kind[:1].isupper() and (kind not in _CRITICAL or kind == b"IHDR"):
        raise Violation(rules.CORRUPT, f"unexpected critical chunk {kind.decode()}")
    if kind == b"IDAT" and previous != b"IDAT" and b"IDAT" in seen:
        raise Violation(rules.CORRUPT, "image data interrupted by another chunk")
    if kind == b"PLTE" and (kind in seen or b"IDAT" in seen):
        raise Violation(rules.CORRUPT, "palette after the image data or twice")


def _image_header(kind: bytes, content: memoryview) -> Header:
    if kind != b"IHDR" or len(content) != _IHDR.size:
        raise Violation(rules.CORRUPT, "the first chunk is no image header")
    width, height, bit_depth, colour, compression, filtering, interlace = _IHDR.unpack(content)
    if bit_depth not in _BIT_DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise Violation(rules.CORRUPT, f"bit depth {bit_depth} with colour type {colour}")
    if bit_depth == 16:
        raise Violation(rules.BIT_DEPTH, "16 bits a channel")
    rules.check_sides(width, height)
    return Header(ImageFormat.PNG, width, height)


def _inflated_size(kind: bytes, content: bytes, budget: int) -> int:
    """The inflated bytes of a metadata chunk. Raises Violation above `budget`.

    Whoever opens the file inflates them; a few kilobytes can hold gigabytes.
    """
    keyword, _, rest = content.partition(b"\0")
    if kind == b"iTXt":
        compressed = rest[:1] == b"\1"
        _, _, rest = rest[2:].partition(b"\0")
        _, _, text = rest.partition(b"\0")
        if not compressed:
            return 0
    else:
        text = rest[1:]
    try:
        size = len(zlib.decompressobj().decompress(text, budget + 1))
    except zlib.error:
        return 0  # decoders skip metadata they cannot read
    if size > budget:
        name = f"{kind.decode()} chunk {keyword[:79].decode('latin-1')!r}"
        raise Violation(
            rules.DECOMPRESSION_BOMB,
            f"{name} inflates to more than {rules.MAX_PNG_METADATA_BYTES:,} bytes",
        )
    return size


def _truncated(view: memoryview) -> Violation:
    return Violation(rules.TRUNCATED, f"ends after {len(view):,} bytes without its IEND chunk")
