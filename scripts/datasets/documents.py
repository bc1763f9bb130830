"""The documents of a dataset beside its images: manifests, rejected.jsonl, dataset.json."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dataset.assembly import Dataset
from dataset.description import Description
from dataset.layout import Layout
from dataset.manifest import check_manifest, manifest_lines
from dataset.split import Split
from scripts.bucket import Bucket

_JSON_LINES: Final = "application/jsonlines"


def put_documents(
    bucket: Bucket, layout: Layout, dataset: Dataset, description: Description
) -> None:
    """Writes and checks the manifests, and ends with dataset.json: the dataset is complete.

    All images must be in the bucket. Raises Refused, or DatasetError on a manifest that does not
    say what the dataset is.
    """
    with TemporaryDirectory(prefix="darkroom-prepare-") as directory:
        file = Path(directory) / "document"
        for split in Split:
            _write(file, _manifest(bucket, layout, dataset, split))
            _check(file, bucket, layout, dataset, split)
            bucket.put(layout.manifest(split), file, _JSON_LINES)
        _write(file, _rejected(dataset))
        bucket.put(layout.rejected, file, _JSON_LINES)
    bucket.put(layout.description, description.to_json(), "application/json")


def _manifest(bucket: Bucket, layout: Layout, dataset: Dataset, split: Split) -> Iterator[bytes]:
    return manifest_lines(
        dataset.parts[split], classes=dataset.classes, bucket=bucket.name, layout=layout
    )


def _rejected(dataset: Dataset) -> Iterator[bytes]:
    for rejection in chain(dataset.rejections, dataset.duplicates):
        yield json.dumps(rejection.document(), ensure_ascii=False).encode() + b"\n"


def _write(file: Path, lines: Iterable[bytes]) -> None:
    with file.open("wb") as stream:
        stream.writelines(lines)


def _check(file: Path, bucket: Bucket, layout: Layout, dataset: Dataset, split: Split) -> None:
    with file.open("rb") as lines:
        check_manifest(
            lines,
            classes=dataset.classes,
            image_prefix=f"s3://{bucket.name}/{layout.images}/",
            counts=dataset.counts(split),
        )
