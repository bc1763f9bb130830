"""What an image file's header says."""

from enum import StrEnum
from typing import NamedTuple


class ImageFormat(StrEnum):
    """The formats the service takes; the value is the extension of the stored object."""

    PNG = "png"
    JPEG = "jpg"

    @property
    def media_type(self) -> str:
        return "image/png" if self is ImageFormat.PNG else "image/jpeg"


class Header(NamedTuple):
    format: ImageFormat
    width_pixels: int
    height_pixels: int
