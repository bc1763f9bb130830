"""Augmented manifests: which parts a sample streams, and what a bad line is told."""

import json

import pytest

from local.instance.manifest import ManifestError, ObjectIndex, Reference, read_samples
from local.instance.recordio import frame
from local.instance.s3 import ObjectUri, relative_path

URI = "s3://bucket/train.manifest"


def test_attributes_are_streamed_in_the_order_asked_for_and_others_ignored() -> None:
    objects = ObjectIndex()
    lines = [
        {"class": 3, "source-ref": "s3://b/x.png", "class-metadata": {"a": 1}},
        {"source-ref": "s3://b/y.png", "class": "3"},
        {"source-ref": "s3://b/x.png", "class": [0, 1]},
    ]
    manifest = "\n".join(map(json.dumps, lines)).encode() + b"\n\n"
    samples = read_samples(manifest, URI, ("source-ref", "class"), objects)
    assert samples == [
        (Reference(0), frame(b"3")),
        (Reference(1), frame(b"3")),
        (Reference(0), frame(b"[0, 1]")),
    ]
    assert objects.uris == [ObjectUri("b", "x.png"), ObjectUri("b", "y.png")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"[1]", "line 1 of s3://bucket/train.manifest is not a JSON object"),
        (b"{", "line 1 of s3://bucket/train.manifest is not JSON"),
        (b'{"class": 1}', 'has no attribute "source-ref"'),
        (b'{"source-ref": "file:///etc/passwd", "class": 1}', "is not an S3 URI"),
    ],
)
def test_a_bad_line_is_named(line: bytes, said: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read_samples(line, URI, ("source-ref", "class"), ObjectIndex())
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("key", "prefix", "lands"),
    [
        ("a/b/c.txt", "a/b/", "c.txt"),
        ("a/b/c.txt", "a/b", "c.txt"),
        ("a/b/c/d.txt", "a/b", "c/d.txt"),
        ("a/bc.txt", "a/b", "bc.txt"),
        ("a/b.txt", "a/b.txt", "b.txt"),
        ("c.txt", "", "c.txt"),
        ("a/b/", "a/b", None),
    ],
)
def test_a_file_channel_strips_the_prefix(key: str, prefix: str, lands: str | None) -> None:
    path = relative_path(key, prefix)
    assert (None if path is None else str(path)) == lands


def test_a_key_that_leads_out_of_its_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="leads out"):
        relative_path("a/../../etc/passwd", "a/")
