import json
from collections.abc import Iterable

import pytest

from dataset.errors import DatasetError
from dataset.header import ImageFormat
from dataset.labelled import LabelledImage
from dataset.layout import Layout
from dataset.manifest import ATTRIBUTE_NAMES, check_manifest, manifest_lines

CLASSES = ("café", 'a "quoted" name')
LAYOUT = Layout("0123456789abcdef")
PREFIX = "s3://bucket/datasets/0123456789abcdef/images/"
IMAGES = (
    LabelledImage(b"\x01" * 32, 0, "café/1.png", 10, ImageFormat.PNG),
    LabelledImage(b"\x02" * 32, 1, "quoted/1.jpg", 10, ImageFormat.JPEG),
    LabelledImage(b"\x03" * 32, 1, "quoted/2.jpg", 10, ImageFormat.JPEG),
)


def lines() -> list[bytes]:
    return list(manifest_lines(IMAGES, classes=CLASSES, bucket="bucket", layout=LAYOUT))


def check(manifest: Iterable[bytes]) -> None:
    check_manifest(
        manifest, classes=CLASSES, image_prefix=PREFIX, counts={CLASSES[0]: 1, CLASSES[1]: 2}
    )


def test_a_line_names_the_image_its_label_and_its_class() -> None:
    assert [json.loads(line) for line in lines()] == [
        {
            "source-ref": f"{PREFIX}{image.sha256.hex()}.{image.format}",
            "class": image.label,
            "class-metadata": {"class-name": CLASSES[image.label]},
        }
        for image in IMAGES
    ]
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines())


def test_the_attributes_a_training_job_streams_are_in_every_line_image_first() -> None:
    assert ATTRIBUTE_NAMES == ("source-ref", "class")
    for line in lines():
        assert set(ATTRIBUTE_NAMES) < set(json.loads(line))


def test_what_is_written_passes_the_check() -> None:
    check(lines())


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"", "no line feed"),
        (b"\n", "Expecting value"),
        (b"[]\n", "a JSON list, not an object"),
        (b"\xff\n", "utf-8"),
        (lines()[0][:-10], "no line feed"),
        (lines()[0].replace(b'"class": 0', b'"class": "0"'), "class is '0', not one of 0 to 1"),
        (lines()[0].replace(b'"class": 0', b'"class": true'), "class is True, not one of"),
        (lines()[0].replace(b'"class": 0', b'"class": 2'), "class is 2, not one of 0 to 1"),
        (lines()[0].replace(b'"class": 0', b'"class": -1'), "class is -1, not one of 0 to 1"),
        (lines()[0].replace(b'"class": 0', b'"class": 1'), "class-name is 'café', but label 1"),
        (lines()[0].replace(b"s3://bucket", b"s3://other"), "not an object under s3://bucket"),
        (lines()[0].replace(b"source-ref", b"source"), "source-ref is None"),
        (lines()[0].replace(b"class-metadata", b"metadata"), "class-name is None"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(line: bytes, text: str) -> None:
    with pytest.raises(DatasetError, match=text) as caught:
        check([lines()[1], line])
    assert str(caught.value).startswith("manifest line 2: ")


def test_a_manifest_that_is_a_line_short_is_refused() -> None:
    with pytest.raises(DatasetError, match='has 1 lines of class a "quoted" name, expected 2'):
        check(lines()[:2])
