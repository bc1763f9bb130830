"""A dataset's name: a hash of its content, labels and split, and of nothing else."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from dataset.labelled import LabelledImage
from dataset.split import Split

ID_DIGITS: Final = 16

_SCHEME: Final = b"darkroom dataset 1\n"


def digest(classes: Sequence[str], parts: Iterable[tuple[Split, Sequence[LabelledImage]]]) -> str:
    """SHA-256 (hexadecimal) over class names and every (content, label, split).

    Independent of paths, file names, order and machine. The images of each part must come sorted
    by content hash.
    """
    state = hashlib.sha256(_SCHEME)
    for name in classes:
        state.update(b"class %b\0" % name.encode())
    for split, images in parts:
        state.update(b"split %b\0" % split.encode())
        for image in images:
            state.update(b"%b %d %b\0" % (image.sha256, image.label, image.format.encode()))
    return state.hexdigest()
