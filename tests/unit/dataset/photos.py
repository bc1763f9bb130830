"""Small real images and folders of them."""

import io
import random
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from PIL import Image


def any_photo(
    seed: int = 0, *, width: int = 64, height: int = 64, mode: str = "RGB"
) -> Image.Image:
    """Noise, scaled up: no two seeds look the same, and JPEG has something to compress."""
    noise = Image.frombytes("RGB", (8, 8), random.Random(seed).randbytes(192))  # noqa: S311
    return noise.resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def any_png(seed: int = 0, *, width: int = 64, height: int = 64, mode: str = "RGB") -> bytes:
    return encoded(any_photo(seed, width=width, height=height, mode=mode), "PNG")


def any_jpeg(
    seed: int = 0,
    *,
    width: int = 64,
    height: int = 64,
    mode: str = "RGB",
    progressive: bool = False,
) -> bytes:
    photo = any_photo(seed, width=width, height=height, mode=mode)
    return encoded(photo, "JPEG", quality=90, progressive=progressive)


def encoded(image: Image.Image, image_format: str, **options: object) -> bytes:
    content = io.BytesIO()
    image.save(content, image_format, **options)
    return content.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_of_size(width: int, height: int, *, bit_depth: int = 8, colour: int = 2) -> bytes:
    """A PNG that says it has this many pixels; its pixel data is not there."""
    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def with_chunk(png: bytes, kind: bytes, content: bytes) -> bytes:
    """The PNG with a chunk behind its header."""
    behind_header = 8 + 25
    return png[:behind_header] + png_chunk(kind, content) + png[behind_header:]


def write_folder(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


def two_classes(root: Path, *, each: int = 4) -> Path:
    """A folder with classes `cat` and `dog`, `each` PNG files in both."""
    return write_folder(
        root,
        {f"cat/{number}.png": any_png(number) for number in range(each)}
        | {f"dog/{number}.png": any_png(1000 + number) for number in range(each)},
    )
