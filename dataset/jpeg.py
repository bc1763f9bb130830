"""Walks a JPEG from its first marker to its last without decoding a pixel (ITU-T T.81, annex B)."""

import re
from typing import Final

from dataset import rules
from dataset.header import Header, ImageFormat
from dataset.rules import Violation

SIGNATURE: Final = b"\xff\xd8\xff"

_EOI: Final = 0xD9
_SOS: Final = 0xDA
_HEADER_OF_CODED_IMAGE: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BASELINE_EXTENDED_PROGRESSIVE: Final = frozenset({0xC0, 0xC1, 0xC2})
# DHT, DAC, SOS, DQT, DNL, DRI, APPn, COM: what may stand between two scans or before the first.
_TABLES: Final = frozenset({0xC4, 0xCC, _SOS, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})

# Inside a scan FF is a marker unless a zero byte is stuffed behind it, it announces a restart, or
# it is a fill byte.
_MARKER_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def walk(data: bytes) -> Header:
    """The header of a JPEG whose every segment up to the end marker is in place.

    Bytes behind the end marker are allowed: phones append videos and depth maps there.
    Raises Violation.
    """
    header: Header | None = None
    scans = 0
    position = 2
    while True:
        code, position = _marker(data, position)
        if code == _EOI:
            break
        if code not in _TABLES and code not in _HEADER_OF_CODED_IMAGE:
            raise Violation(rules.CORRUPT, f"marker FF{code:02X} at byte {position - 2}")
        end = _segment_end(data, position)
        if code in _HEADER_OF_CODED_IMAGE:
            if header is not None:
                raise Violation(rules.CORRUPT, f"second image header at byte {position - 2}")
            header = _image_header(code, data[position:end])
        position = end
        if code == _SOS:
            if header is None:
                raise Violation(rules.CORRUPT, "image data before the image header")
            scans += 1
            if scans > rules.MAX_JPEG_SCANS:
                raise Violation(rules.DECOMPRESSION_BOMB, f"more than {scans - 1} scans")
            position = _scan_end(data, position)
    if header is None or scans == 0:
        raise Violation(rules.CORRUPT, "no image before the end marker")
    return header


def _marker(data: bytes, position: int) -> tuple[int, int]:
    """The marker code at `position`, and the position behind it."""
    start = position
    while data[position : position + 1] == b"\xff":
        position += 1
    if position >= len(data):
        raise _truncated(data)
    if position == start or data[position] == 0:
        raise Violation(rules.CORRUPT, f"no marker at byte {start}")
    return data[position], position + 1


def _segment_end(data: bytes, position: int) -> int:
    length = int.from_bytes(data[position : position + 2])
    end = position + length
    if end > len(data) or position + 2 > len(data):
        raise _truncated(data)
    if length < 2:
        raise Violation(rules.CORRUPT, f"segment of {length} bytes at byte {position}")
    return end


def _scan_end(data: bytes, position: int) -> int:
    found = _MARKER_AFTER_SCAN.search(data, position)
    if found is None:
        raise _truncated(data)
    return found.start()


def _image_header(code: int, segment: bytes) -> Header:
    """Start of frame: length (2), precision (1), height (2), width (2), components (1), ..."""
    if len(segment) < 8 or len(segment) != 8 + 3 * segment[7]:
        raise Violation(rules.CORRUPT, f"image header of {len(segment)} bytes")
    precision, components = segment[2], segment[7]
    height, width = int.from_bytes(segment[3:5]), int.from_bytes(segment[5:7])
    if code not in _BASELINE_EXTENDED_PROGRESSIVE:
        raise Violation(rules.CODING, f"JPEG coding FF{code:02X} (lossless or arithmetic)")
    if precision != 8:
        raise Violation(rules.BIT_DEPTH, f"{precision} bits a channel")
    if components == 4:
        raise Violation(rules.COLOUR_MODEL, "4 components (CMYK)")
    if components not in {1, 3}:
        raise Violation(rules.CORRUPT, f"{components} colour components")
    rules.check_sides(width, height)
    return Header(ImageFormat.JPEG, width, height)


def _truncated(data: bytes) -> Violation:
    return Violation(rules.TRUNCATED, f"ends after {len(data):,} bytes without its end marker")
