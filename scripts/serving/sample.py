"""A picture that every model can be asked about: always the same one, of the model's shape."""

import io
from typing import Final

from dataset.rules import MIN_SIDE_PIXELS
from scripts.serving.photos import Photo

NAME: Final = "sample.png"


def sample_photo(image_shape: str) -> Photo:
    """A colour gradient in the shape `channels,height,width`, no smaller than the rules allow."""
    from PIL import Image

    _, height, width = (int(side) for side in image_shape.split(","))
    size = (max(width, MIN_SIDE_PIXELS), max(height, MIN_SIDE_PIXELS))
    across = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (across, across.transpose(Image.Transpose.ROTATE_180), across))
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return Photo(NAME, "image/png", file.getvalue())
