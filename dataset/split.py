"""Divides a class's images between training and validation: by content, not by name or order."""

import hashlib
import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from dataset.errors import DatasetError

MIN_IMAGES_PER_CLASS: Final = 2
"""One to train on, one to validate on."""


class Split(StrEnum):
    """The values are the names of the training job's channels."""

    TRAIN = "train"
    VALIDATION = "validation"


def check_fraction(validation_fraction: float) -> None:
    """Raises DatasetError unless some images are left on both sides."""
    if not 0 < validation_fraction < 1:
        raise DatasetError(
            f"validation fraction {validation_fraction:g} is not between 0 and 1 (both excluded); "
            "0.2 is usual"
        )


def validation_part(
    digests: Iterable[bytes], *, validation_fraction: float, seed: int
) -> frozenset[bytes]:
    """Which of one class's images (SHA-256 of each) are held back for validation.

    The nearest whole number to the fraction of them, at least one, and at least one is left: give
    it at least two. The same images and seed give the same answer on every machine.
    """
    ranked = sorted(digests, key=lambda digest: _rank(digest, seed))
    wanted = math.floor(len(ranked) * validation_fraction + 0.5)
    return frozenset(ranked[: min(max(wanted, 1), len(ranked) - 1)])


def _rank(digest: bytes, seed: int) -> bytes:
    return hashlib.sha256(b"%d:%b" % (seed, digest)).digest()
