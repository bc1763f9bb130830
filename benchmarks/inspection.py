"""Inspecting photos against decoding them with Pillow, and against merely reading and hashing."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Final

from PIL import Image

from benchmarks.figure import Figure, interleaved
from benchmarks.photos import write_photos
from dataset.folder import Candidate, open_folder
from dataset.parallel import inspect_files

PILLOW_LIMIT: Final = 15.0
HASH_LIMIT: Final = 2.0
_PHOTOS: Final = 5000
_DECODED: Final = 100  # Pillow takes seconds for these already
_ROUNDS: Final = 3


def measure() -> list[Figure]:
    """Seconds a photo of about one megapixel, whole folders at a time."""
    with tempfile.TemporaryDirectory(prefix="darkroom-photos-") as place:
        paths = write_photos(Path(place, "photos"), _PHOTOS)
        files = open_folder(Path(place, "photos")).files()
        candidates = [file for file in files if isinstance(file, Candidate)]
        ours, hashing, decoding = interleaved(
            [
                lambda: _inspect(candidates),
                lambda: _hash(paths),
                lambda: _decode(paths[:_DECODED]),
            ],
            rounds=_ROUNDS,
        )
    inspected, hashed = median(ours) / _PHOTOS, median(hashing) / _PHOTOS
    decoded = median(decoding) / _DECODED
    return [
        Figure(
            what="inspect: a photo of a megapixel / Pillow's open().load(), one after another",
            ours=f"{1e6 * inspected:.0f} µs ({decoded / inspected:.0f}x faster)",
            peer=f"{1e6 * decoded:.0f} µs",
            limit=f"{PILLOW_LIMIT:.0f}x",
            held=decoded >= PILLOW_LIMIT * inspected,
        ),
        Figure(
            what="inspect: a photo of a megapixel / reading and hashing it, on all cores",
            ours=f"{1e6 * inspected:.0f} µs ({inspected / hashed:.1f}x)",
            peer=f"{1e6 * hashed:.0f} µs",
            limit=f"{HASH_LIMIT:.0f}x",
            held=inspected <= HASH_LIMIT * hashed,
        ),
    ]


def _inspect(candidates: Sequence[Candidate]) -> None:
    if sum(1 for _ in inspect_files(candidates)) != _PHOTOS:
        raise RuntimeError("not every photo was inspected")


def _hash(paths: Sequence[Path]) -> None:
    # Threads: hashing and reading let go of the interpreter, so these use all cores.
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for _ in pool.map(lambda path: hashlib.sha256(path.read_bytes()).digest(), paths):
            pass


def _decode(paths: Sequence[Path]) -> None:
    for path in paths:
        with Image.open(path) as image:
            image.load()
