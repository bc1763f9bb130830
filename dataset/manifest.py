"""Augmented manifests: JSON Lines, one image and its label a line (facts sheet A.2.3)."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from dataset.errors import DatasetError
from dataset.labelled import LabelledImage
from dataset.layout import Layout

IMAGE_ATTRIBUTE: Final = "source-ref"
LABEL_ATTRIBUTE: Final = "class"
METADATA_ATTRIBUTE: Final = "class-metadata"
CLASS_NAME: Final = "class-name"

ATTRIBUTE_NAMES: Final = (IMAGE_ATTRIBUTE, LABEL_ATTRIBUTE)
"""In the order a training job streams them: the image first, then its label."""


def manifest_lines(
    images: Iterable[LabelledImage], *, classes: Sequence[str], bucket: str, layout: Layout
) -> Iterator[bytes]:
    """The manifest's lines, each with its line feed."""
    # The part of a line behind the image's name is the same for a whole class.
    tails = [
        json.dumps(
            {LABEL_ATTRIBUTE: label, METADATA_ATTRIBUTE: {CLASS_NAME: name}}, ensure_ascii=False
        )[1:]
        for label, name in enumerate(classes)
    ]
    for image in images:
        uri = f"s3://{bucket}/{layout.image(image.sha256, image.format)}"
        yield f'{{"{IMAGE_ATTRIBUTE}": "{uri}", {tails[image.label]}\n'.encode()


def check_manifest(
    lines: Iterable[bytes],
    *,
    classes: Sequence[str],
    image_prefix: str,
    counts: Mapping[str, int],
) -> None:
    """Reads a manifest line by line. Raises DatasetError naming the first bad line.

    `image_prefix` is what every image's URI must begin with, for example
    `s3://bucket/datasets/0123456789abcdef/images/`; `counts` is how many lines each class must
    have.
    """
    found: Counter[int] = Counter()
    for number, line in enumerate(lines, start=1):
        try:
            found[_label(line, classes, image_prefix)] += 1
        except ValueError as error:
            raise DatasetError(
                f"manifest line {number}: {error}; prepare the dataset again"
            ) from error
    for label, name in enumerate(classes):
        if found[label] != counts[name]:
            raise DatasetError(
                f"manifest has {found[label]:,} lines of class {name}, expected "
                f"{counts[name]:,}; prepare the dataset again"
            )


def _label(line: bytes, classes: Sequence[str], image_prefix: str) -> int:
    if not line.endswith(b"\n"):
        raise ValueError("no line feed at its end (the manifest is truncated)")
    entry: Any = json.loads(line)
    if not isinstance(entry, dict):
        raise ValueError(  # noqa: TRY004 - the text is wrong, not our caller
            f"a JSON {type(entry).__name__}, not an object"
        )
    uri, label, metadata = (
        entry.get(name) for name in (IMAGE_ATTRIBUTE, LABEL_ATTRIBUTE, METADATA_ATTRIBUTE)
    )
    if not (isinstance(uri, str) and uri.startswith(image_prefix) and uri != image_prefix):
        raise ValueError(f"{IMAGE_ATTRIBUTE} is {uri!r}, not an object under {image_prefix}")
    if type(label) is not int or not 0 <= label < len(classes):
        raise ValueError(f"{LABEL_ATTRIBUTE} is {label!r}, not one of 0 to {len(classes) - 1}")
    name = metadata.get(CLASS_NAME) if isinstance(metadata, dict) else None
    if name != classes[label]:
        raise ValueError(f"{CLASS_NAME} is {name!r}, but label {label} is {classes[label]!r}")
    return label
