import math
import random

from hypothesis import given
from hypothesis import strategies as st

from dataset.split import validation_part

digests = st.sets(st.binary(min_size=32, max_size=32), min_size=2, max_size=50)
fractions = st.floats(0, 1, exclude_min=True, exclude_max=True)


@given(digests=digests, fraction=fractions, seed=st.integers())
def test_both_sides_get_an_image_and_the_fraction_is_met_to_one(
    digests: set[bytes], fraction: float, seed: int
) -> None:
    part = validation_part(digests, validation_fraction=fraction, seed=seed)
    assert part < digests
    assert 1 <= len(part) <= max(1, math.ceil(len(digests) * fraction))
    assert len(part) >= min(len(digests) - 1, math.floor(len(digests) * fraction))


@given(digests=digests, fraction=fractions, seed=st.integers(), order=st.randoms())
def test_the_order_of_the_images_does_not_matter(
    digests: set[bytes], fraction: float, seed: int, order: random.Random
) -> None:
    shuffled = sorted(digests)
    order.shuffle(shuffled)
    one = validation_part(sorted(digests), validation_fraction=fraction, seed=seed)
    assert one == validation_part(shuffled, validation_fraction=fraction, seed=seed)


def test_another_seed_holds_back_other_images() -> None:
    digests = [bytes((number,)) * 32 for number in range(100)]
    parts = {validation_part(digests, validation_fraction=0.2, seed=seed) for seed in range(10)}
    assert len(parts) == 10
