"""Decoding one image: the same way for training and for serving, and safe on any bytes."""

import io
import struct

from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG")
"Found by content; neither a name nor a content type decides."

PIXEL_LIMIT = 4096 * 8192
"A decoded image takes up to three bytes a pixel: this one 96 MiB."

# 16-bit and floating-point pixels do not fit 0..255, and CMYK has no agreed way to RGB.
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")

_DECODER_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)


class PictureError(ValueError):
    """The bytes are no image that the algorithm takes; the text is one line."""


def decode(data: bytes, *, channels: int, width: int, height: int) -> Image.Image:
    """Decode to RGB (three channels) or grey (one), raw values from 0 to 255.

    `width` and `height` are the least that the caller needs: a much larger JPEG is decoded at a
    fraction of its size, which libjpeg does several times faster than decoding it whole. An image's
    EXIF orientation is ignored, as the built-in algorithm does. Raises PictureError.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise PictureError(f"not a PNG or JPEG image ({len(data)} bytes)") from None
    except _DECODER_ERRORS as problem:
        raise PictureError(_line(problem)) from None
    if image.width * image.height > PIXEL_LIMIT:
        raise PictureError(
            f"{image.width} x {image.height} pixels, but at most {PIXEL_LIMIT} are decoded"
        )
    if image.mode not in _MODES:
        raise PictureError(f"colour mode {image.mode}, but it must be 8-bit RGB or grey")
    if image.format == "PNG" and getattr(image, "is_animated", False):
        raise PictureError("an animated PNG, but it must be a single image")
    mode = "RGB" if channels == 3 else "L"
    try:
        # Twice the size needed leaves the resampling filter enough to average over.
        image.draft(mode, (2 * width, 2 * height))
        image.load()
        return image if image.mode == mode else image.convert(mode)
    except _DECODER_ERRORS as problem:
        raise PictureError(_line(problem)) from None


def _line(problem: BaseException) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__
