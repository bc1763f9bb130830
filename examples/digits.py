"""The demo's photos: scikit-learn's 1,797 handwritten digits, and three files that are no good.

`python -m examples.digits FOLDER` writes one subfolder a class. Run again, it writes only what is
missing.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CLASSES: Final = tuple("0123456789")

_SIDE_PIXELS: Final = 64
_BRIGHTEST: Final = 16
"""load_digits counts ink in a 4 x 4 cell: 0 to 16."""


def write(folder: Path) -> int:
    """Writes the photos that are missing in `folder`; how many those were."""
    for name in CLASSES:
        (folder / name).mkdir(parents=True, exist_ok=True)
    written = 0
    for file, content in _files():
        path = folder / file
        if not (path.exists() and path.stat().st_size == len(content)):
            _replace(path, content)
            written += 1
    return written


def _files() -> Iterator[tuple[str, bytes]]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    for number, (ink, digit) in enumerate(zip(digits.images, digits.target, strict=True)):
        yield f"{CLASSES[digit]}/{number:04}.png", _png(_photo(ink, _SIDE_PIXELS))
    good = _photo(digits.images[0], _SIDE_PIXELS)
    yield "0/too-small.png", _png(_photo(digits.images[0], 20))
    yield "1/notes.jpg", b"Not a photo: somebody's notes, saved under the wrong name.\n"
    yield "2/half-copied.jpg", _jpeg(good)[:600]


def _photo(ink: NDArray[np.float64], side_pixels: int) -> Image.Image:
    """One digit, 8 x 8, as a greyscale photo large enough for the service's rules."""
    grey = np.round(ink * (255 / _BRIGHTEST)).astype(np.uint8)
    return Image.fromarray(grey).resize((side_pixels, side_pixels), Image.Resampling.BICUBIC)


def _png(photo: Image.Image) -> bytes:
    content = io.BytesIO()
    photo.save(content, "PNG", compress_level=1)
    return content.getvalue()


def _jpeg(photo: Image.Image) -> bytes:
    content = io.BytesIO()
    photo.save(content, "JPEG", quality=90)
    return content.getvalue()


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all, however the demo is interrupted."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m examples.digits FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    try:
        written = write(folder)
    except KeyboardInterrupt:
        print("interrupted; repeat the same command to go on", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"{error.filename}: cannot be written ({error.strerror})", file=sys.stderr)
        return 1
    there = sum(1 for _ in folder.glob("[0-9]/*")) - written
    print(f"{folder}: {written:,} files written, {there:,} were there", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
