"""The picture that a deployment is proven with."""

import pytest

from dataset.inspection import inspect
from scripts.serving.sample import sample_photo


@pytest.mark.parametrize(
    ("shape", "sides"),
    [("3,32,32", (64, 64)), ("3,224,224", (224, 224)), ("3,128,256", (256, 128))],
    ids=["smaller than the rules allow", "square", "wide"],
)
def test_the_sample_fits_the_model_and_the_rules(shape: str, sides: tuple[int, int]) -> None:
    photo = sample_photo(shape)
    facts = inspect(photo.content)
    assert (facts.width_pixels, facts.height_pixels) == sides
    assert facts.format.media_type == photo.content_type


def test_the_sample_is_always_the_same_picture() -> None:
    assert sample_photo("3,32,32") == sample_photo("3,32,32")
