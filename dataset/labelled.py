"""An accepted image with its label, and what happens when one content comes more than once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from dataset import rules
from dataset.header import ImageFormat
from dataset.rules import Rejection, printable


class LabelledImage(NamedTuple):
    sha256: bytes
    label: int
    file: str
    """Relative to the folder."""
    size_bytes: int
    format: ImageFormat


def settle_duplicates(
    images: Iterable[LabelledImage], classes: Sequence[str]
) -> tuple[list[LabelledImage], list[Rejection]]:
    """The images by content hash, each content once, and the files set aside for that.

    A content under one label is kept once (the first file by name); under two labels nobody can
    say which is right, so that every copy is set aside.
    """
    kept: list[LabelledImage] = []
    aside: list[Rejection] = []
    for _, group in groupby(sorted(images), key=lambda image: image.sha256):
        copies = list(group)
        labels = sorted({image.label for image in copies})
        if len(labels) == 1:
            kept.append(copies[0])
            aside.extend(_extra_copies(copies))
        else:
            names = " and ".join(classes[label] for label in labels)
            aside.extend(
                Rejection.of(
                    image.file,
                    rules.CONFLICTING_LABELS,
                    f"same content in {names}: {_others(image, copies)}",
                )
                for image in copies
            )
    return kept, aside


def _extra_copies(copies: Sequence[LabelledImage]) -> Iterator[Rejection]:
    for image in copies[1:]:
        yield Rejection.of(image.file, rules.DUPLICATE, f"same content as {copies[0].file}")


def _others(image: LabelledImage, copies: Sequence[LabelledImage]) -> str:
    others = [printable(copy.file) for copy in copies if copy is not image]
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return ", ".join(others[:3]) + more
