"""From a decoded image to the pixels of the network's input (facts sheet A.1.1, A.1.2).

Training crops, so the image must be at least as large as `image_shape` once its shortest side is
`resize` pixels long. (Inference squashes the image instead, which is the same for square ones.)
"""

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from algorithm.contract.hyperparameters import Hyperparameters
from algorithm.contract.kinds import ImageShape
from algorithm.failure import ClientError
from algorithm.picture import PictureError, decode
from algorithm.training.channel import Sample

Pixels = NDArray[np.uint8]
"Height, width, channels."


@dataclass(frozen=True)
class Framing:
    """How the images of one channel become pixels."""

    channel: str
    shape: ImageShape
    resize: int | None
    augment: bool
    "Crop at random and flip half of the images, instead of cropping to the centre."
    seed: int

    @classmethod
    def of_training(cls, chosen: Hyperparameters, seed: int) -> "Framing":
        augment = chosen.augmentation_type is not None
        return cls("train", chosen.image_shape, chosen.resize, augment, seed)

    @classmethod
    def of_validation(cls, chosen: Hyperparameters) -> "Framing":
        return cls("validation", chosen.image_shape, chosen.resize, augment=False, seed=0)

    def pixels(self, sample: Sample, epoch: int) -> Pixels:
        """Decode, resize and crop; the same for the same seed, epoch and sample.

        Raises ClientError for bytes that are no image, and for an image that is too small.
        """
        channels, height, width = self.shape
        least = max(height, width, self.resize or 0)
        try:
            image = self._resizable(sample.image, least)
        except PictureError as problem:
            raise ClientError(
                f"Image {sample.number} in channel {self.channel} cannot be decoded: {problem}."
            ) from None
        scale = self.resize / min(image.size) if self.resize else 1.0
        scaled_width, scaled_height = (max(1, round(side * scale)) for side in image.size)
        if scaled_width < width or scaled_height < height:
            raise ClientError(
                f"Image {sample.number} in channel {self.channel} is {scaled_width} x "
                f"{scaled_height} pixels{' after resize' if self.resize else ''}, but image_shape "
                f"{self.shape} needs at least {width} x {height}."
            )
        chance = random.Random(self.seed << 64 | epoch << 32 | sample.number)  # noqa: S311
        left = self._offset(scaled_width - width, chance)
        top = self._offset(scaled_height - height, chance)
        # One step for resize and crop: only the pixels that are kept are computed.
        box = (left / scale, top / scale, (left + width) / scale, (top + height) / scale)
        limits = (float(image.width), float(image.height))
        box = (box[0], box[1], min(box[2], limits[0]), min(box[3], limits[1]))
        pixels = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR, box=box))
        if self.augment and chance.random() < 0.5:
            pixels = pixels[:, ::-1]
        return pixels.reshape(height, width, channels)

    def _resizable(self, data: bytes, least: int) -> Image.Image:
        channels = self.shape.channels
        if self.resize is None:
            # Without resize the crop is taken at full size, which no draft may change.
            return decode(data, channels=channels, width=1 << 20, height=1 << 20)
        return decode(data, channels=channels, width=least, height=least)

    def _offset(self, spare: int, chance: random.Random) -> int:
        return chance.randint(0, spare) if self.augment else spare // 2
