"""Scaling down, on this side, of a photo that is too large for an endpoint and otherwise good."""

import functools
import io
import math
import os
import queue
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Final

from PIL import Image

from dataset import jpeg, png, rules, signature
from dataset.inspection import inspect
from dataset.rules import Violation

MAX_ORIGINAL_BYTES: Final = 128 * 1024 * 1024
"""Of a file that is read to be scaled down; no camera's PNG or JPEG is larger."""

_AT_A_TIME: Final = 2
"""A large file and its pixels may take 400 MB; there are more requests at a time than that is good
for."""

_BEGINNING: Final = threading.Lock()
_ATTEMPTS: Final = 8
_JPEG_QUALITY: Final = 90
_ORIENTATION: Final = 0x0112
_SMALLER: Final = 0.95
"""A little below the estimate, so that the second attempt is mostly the last."""


def scaled_down(path: Path) -> tuple[bytes, str | None]:
    """The image at `path`, scaled down if it is above 4 MiB or 4096 pixels a side, and how.

    Format, aspect ratio and the EXIF orientation stay: the model sees the same picture, smaller.
    All other metadata is left behind. Raises Violation for every rule that scaling cannot mend.
    """
    content = _read(path, rules.MAX_FILE_BYTES)
    try:
        inspect(content)
    except Violation as broken:
        if broken.rule not in (rules.FILE_SIZE, rules.SIDE):
            raise
    else:
        return content, None
    del content  # Waiting for its turn, a photo holds no memory.
    with _BEGINNING:
        scalers = _scalers()
    return scalers.scale(path)


class _Scalers:
    """Threads that scale for all others.

    The C library keeps a part of what was freed for every thread that ever had it: with whoever
    asks doing it, the peak would grow by 100 MB a thread. They are daemons: who interrupts the
    command waits for none of them.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Path, Future[tuple[bytes, str]]]] = (
            queue.SimpleQueue()
        )
        for number in range(_AT_A_TIME):
            threading.Thread(target=self._work, name=f"scaler-{number}", daemon=True).start()

    def scale(self, path: Path) -> tuple[bytes, str]:
        """Wait for the turn and the result. Raises what the scaling raises."""
        scaled: Future[tuple[bytes, str]] = Future()
        self._waiting.put((path, scaled))
        return scaled.result()

    def _work(self) -> None:
        while True:
            path, scaled = self._waiting.get()
            try:
                scaled.set_result(_scaled(path))
            except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
                scaled.set_exception(error)


@functools.cache
def _scalers() -> _Scalers:
    return _Scalers()


def _scaled(path: Path) -> tuple[bytes, str]:
    content = _read(path, MAX_ORIGINAL_BYTES)
    if len(content) > MAX_ORIGINAL_BYTES:
        raise Violation(rules.FILE_SIZE, f"above {MAX_ORIGINAL_BYTES:,} bytes, too many to scale")
    _check_structure(content)
    return _shrink(content)


def _check_structure(content: bytes) -> None:
    """Raise Violation for what scaling cannot mend, or would hide; all without decoding."""
    if content.startswith(jpeg.SIGNATURE):
        walk = jpeg.walk
    elif content.startswith(png.SIGNATURE):
        walk = png.walk
    else:
        raise Violation(rules.FORMAT, signature.describe(content))
    try:
        walk(content)
    except Violation as broken:
        if broken.rule is not rules.SIDE:
            raise


def _read(path: Path, most_bytes: int) -> bytes:
    """What is in the file, but for what goes beyond so many bytes and one."""
    try:
        # Not to hang on a FIFO.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            return file.read(most_bytes + 1)
    except OSError as error:
        raise Violation(rules.UNREADABLE, error.strerror or type(error).__name__) from error


def _shrink(content: bytes) -> tuple[bytes, str]:
    """The scaled image, and in words what was done to it."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as original:
            width, height = original.size
            _check_kind(original)
            smaller = _fitting(original)
    except Violation:
        raise
    # Pillow's decoders raise anything from OSError to SyntaxError and struct.error.
    except Exception as error:
        raise Violation(rules.CORRUPT, f"does not decode: {error}") from error
    encoded, (new_width, new_height) = smaller
    return encoded, (
        f"{width} x {height} pixels, {len(content):,} bytes -> "
        f"{new_width} x {new_height} pixels, {len(encoded):,} bytes"
    )


def _check_kind(original: Image.Image) -> None:
    """Raise Violation for what the scaled image would not show any more.

    The walk over the structure ends at the first broken rule, and the size comes early.
    """
    # A phone's JPEG with further pictures behind the first counts as frames too, and is one image.
    if original.format == "PNG" and getattr(original, "n_frames", 1) > 1:
        raise Violation(rules.ANIMATED, "more than one frame")
    if original.mode.startswith("I"):
        raise Violation(rules.BIT_DEPTH, "16 bits a channel")


def _fitting(original: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """An encoding within the limits, and its size in pixels."""
    rules.check_sides(*(min(side, rules.MAX_SIDE_PIXELS) for side in original.size))
    form = "PNG" if original.format == "PNG" else "JPEG"
    options = {"quality": _JPEG_QUALITY} if form == "JPEG" else {}
    exif = _orientation(original)
    scale = min(1.0, rules.MAX_SIDE_PIXELS / max(original.size))
    full = _scalable(original)
    for _ in range(_ATTEMPTS):
        size = (max(1, int(full.width * scale)), max(1, int(full.height * scale)))
        picture = full.resize(size, Image.Resampling.LANCZOS) if size != full.size else full
        buffer = io.BytesIO()
        picture.save(buffer, form, exif=exif, **options)
        if buffer.tell() <= rules.MAX_FILE_BYTES:
            return buffer.getvalue(), size
        scale *= _SMALLER * math.sqrt(rules.MAX_FILE_BYTES / buffer.tell())
    raise Violation(rules.FILE_SIZE, f"still {buffer.tell():,} bytes after scaling down")


def _scalable(original: Image.Image) -> Image.Image:
    """Colours that can be averaged: the entries of a palette cannot."""
    if original.mode == "P":
        return original.convert("RGBA" if "transparency" in original.info else "RGB")
    if original.mode == "1":
        return original.convert("L")
    original.load()
    return original


def _orientation(original: Image.Image) -> Image.Exif:
    """How the camera was held; of the rest of its notes, such as the place, nothing is sent."""
    kept = Image.Exif()
    found = original.getexif().get(_ORIENTATION)
    if found is not None:
        kept[_ORIENTATION] = found
    return kept
