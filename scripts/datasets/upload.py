"""Brings a dataset's images into its bucket: many at a time, each once, each what its key says."""

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from dataset.inspection import read_file
from dataset.labelled import LabelledImage
from dataset.layout import Layout
from dataset.rules import Violation, printable
from scripts.bucket import Bucket
from scripts.errors import Refused

_THREADS: Final = 32
_AHEAD: Final = 4 * _THREADS


def missing_images(
    bucket: Bucket, layout: Layout, images: Iterable[LabelledImage]
) -> list[LabelledImage]:
    """The images that no earlier, interrupted upload brought into the bucket."""
    missing = {image.sha256: image for image in images}
    for name, size_bytes in bucket.sizes(layout.images):
        sha256 = _sha256_in(name)
        image = missing.get(sha256)
        if image is not None and image.size_bytes == size_bytes:
            del missing[sha256]
    return list(missing.values())


def _sha256_in(name: str) -> bytes:
    try:
        return bytes.fromhex(name.partition(".")[0])
    except ValueError:
        return b""  # somebody else's object


def upload_images(
    bucket: Bucket, layout: Layout, root: Path, images: Iterable[LabelledImage]
) -> Iterator[LabelledImage]:
    """Uploads images of the folder `root`, and yields each once it is in the bucket.

    Raises Refused when the bucket does, or when a file is no longer what was inspected.
    """
    running: deque[Future[LabelledImage]] = deque()
    executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="upload")
    try:
        for image in images:
            running.append(executor.submit(_upload, bucket, layout, root, image))
            if len(running) == _AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)


def _upload(bucket: Bucket, layout: Layout, root: Path, image: LabelledImage) -> LabelledImage:
    try:
        content = read_file(os.path.realpath(root / image.file))
    except Violation as violation:
        raise _changed(image, str(violation)) from violation
    if hashlib.sha256(content).digest() != image.sha256:
        raise _changed(image, "its content is another")
    bucket.put(layout.image(image.sha256, image.format), content, image.format.media_type)
    return image


def _changed(image: LabelledImage, how: str) -> Refused:
    return Refused(
        f"{printable(image.file)} changed while it was being prepared ({how}); "
        "leave the folder alone and repeat the same command"
    )
