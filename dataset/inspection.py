"""One image in, facts or a broken rule out; every byte is read once."""

import hashlib
import os
import stat
from io import BytesIO
from typing import Final, NamedTuple

from dataset import jpeg, png, rules, signature
from dataset.header import Header, ImageFormat
from dataset.rules import Violation


class Facts(NamedTuple):
    """What is known about an accepted image."""

    sha256: bytes
    size_bytes: int
    format: ImageFormat
    width_pixels: int
    height_pixels: int


_OPEN_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def inspect(data: bytes, *, verify: bool = False) -> Facts:
    """The facts about an image. Raises Violation with the first rule it breaks.

    `verify` decodes every pixel as well, at ten to twenty times the cost: it finds damage that
    leaves the file's structure in place.
    """
    if not data:
        raise Violation(rules.EMPTY, "0 bytes")
    if len(data) > rules.MAX_FILE_BYTES:
        raise Violation(rules.FILE_SIZE, f"{len(data):,} bytes")
    if data.startswith(jpeg.SIGNATURE):
        header = jpeg.walk(data)
    elif data.startswith(png.SIGNATURE):
        header = png.walk(data)
    elif png.SIGNATURE.startswith(data) or jpeg.SIGNATURE.startswith(data):
        raise Violation(rules.TRUNCATED, f"ends after {len(data)} bytes")
    else:
        raise Violation(rules.FORMAT, signature.describe(data))
    if verify:
        _decode(data, header)
    digest = hashlib.sha256(data).digest()
    return Facts(digest, len(data), *header)


def inspect_file(path: str, *, verify: bool = False) -> Facts:
    """The facts about an image file. Raises Violation with the first rule it breaks.

    `path` must not be a symbolic link: resolve and judge links before (`folder.py` does).
    """
    return inspect(read_file(path), verify=verify)


def read_file(path: str) -> bytes:
    """A file's bytes. Raises Violation when it is unreadable, a link or above the size limit."""
    try:
        # Not to hang on a FIFO: O_NONBLOCK. Not to follow a link put here meanwhile: O_NOFOLLOW.
        descriptor = os.open(path, _OPEN_FLAGS)
        try:
            return _read(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Violation(rules.UNREADABLE, error.strerror or type(error).__name__) from error


def _read(descriptor: int) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise Violation(rules.UNREADABLE, "no regular file")
    if status.st_size > rules.MAX_FILE_BYTES:
        raise Violation(rules.FILE_SIZE, f"{status.st_size:,} bytes")
    data = os.read(descriptor, status.st_size)
    while len(data) < status.st_size:
        more = os.read(descriptor, status.st_size - len(data))
        if not more:
            break
        data += more
    return data


def _decode(data: bytes, header: Header) -> None:
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            image.load()
            size = image.size
    # Pillow's decoders raise anything from OSError to SyntaxError and struct.error.
    except Exception as error:
        raise Violation(rules.CORRUPT, f"does not decode: {error}") from error
    if size != (header.width_pixels, header.height_pixels):
        raise Violation(rules.CORRUPT, f"decodes to {size[0]} x {size[1]} pixels")
