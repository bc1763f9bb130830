"""Which pixels of an image the network sees in training."""

import io

import numpy as np
import pytest
from PIL import Image

from algorithm.contract.kinds import ImageShape
from algorithm.failure import ClientError
from algorithm.training.channel import Sample
from algorithm.training.framing import Framing

SHAPE = ImageShape(3, 20, 30)


def sample(image: Image.Image, number: int = 1) -> Sample:
    file = io.BytesIO()
    image.save(file, "PNG")
    return Sample(number, file.getvalue(), label=0)


def columns(width: int, height: int) -> Image.Image:
    """Each pixel's red is its column, each pixel's green its row."""
    red = np.broadcast_to(np.arange(width), (height, width))
    green = np.broadcast_to(np.arange(height)[:, None], (height, width))
    return Image.fromarray(np.stack([red, green, 0 * red], axis=2).astype(np.uint8))


def framing(*, resize: int | None = None, augment: bool = False, seed: int = 0) -> Framing:
    return Framing("train", SHAPE, resize, augment, seed)


def test_without_augmentation_the_centre_is_kept() -> None:
    pixels = framing().pixels(sample(columns(50, 60)), epoch=0)
    assert pixels.shape == (20, 30, 3)
    assert pixels[0, :, 0].tolist() == list(range(10, 40))
    assert pixels[:, 0, 1].tolist() == list(range(20, 40))


def test_the_shortest_side_is_resized_before_the_crop() -> None:
    # 200 x 80 becomes 100 x 40, whose centre is 35..65 by 10..30: twice that in the original.
    pixels = framing(resize=40).pixels(sample(columns(200, 80)), epoch=0)
    assert abs(int(pixels[0, 0, 0]) - 70) <= 1
    assert abs(int(pixels[0, -1, 0]) - 129) <= 1
    assert abs(int(pixels[0, 0, 1]) - 20) <= 1


def test_a_crop_at_random_differs_by_epoch_and_follows_from_the_seed() -> None:
    augmented = framing(augment=True, seed=5)
    epochs = [augmented.pixels(sample(columns(90, 90)), epoch) for epoch in range(8)]
    again = [augmented.pixels(sample(columns(90, 90)), epoch) for epoch in range(8)]
    assert len({pixels.tobytes() for pixels in epochs}) > 1
    assert [a.tobytes() for a in epochs] == [b.tobytes() for b in again]
    flipped = [pixels[0, 0, 0] > pixels[0, -1, 0] for pixels in epochs]
    assert any(flipped)
    assert not all(flipped)


@pytest.mark.parametrize(
    ("resize", "size", "shown"),
    [(None, (29, 40), "is 29 x 40 pixels,"), (25, (25, 25), "25 x 25 pixels after resize")],
)
def test_an_image_smaller_than_the_networks_input_fails_the_job(
    resize: int | None, size: tuple[int, int], shown: str
) -> None:
    with pytest.raises(ClientError) as failure:
        framing(resize=resize).pixels(sample(columns(*size), number=7), epoch=0)
    assert "Image 7 in channel train" in str(failure.value)
    assert shown in str(failure.value)
    assert "needs at least 30 x 20" in str(failure.value)


def test_bytes_that_are_no_image_fail_the_job_by_number() -> None:
    with pytest.raises(ClientError, match="Image 3 in channel train cannot be decoded: not a PNG"):
        framing().pixels(Sample(3, b"not an image", 0), epoch=0)


def test_grey_networks_see_one_channel() -> None:
    grey = Framing("validation", ImageShape(1, 20, 30), None, augment=False, seed=0)
    assert grey.pixels(sample(columns(30, 20)), epoch=0).shape == (20, 30, 1)
