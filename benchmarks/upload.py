"""Bringing a folder of photos into the local cloud's S3, against s5cmd on the same files."""

import itertools
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.desk import Desk
from benchmarks.figure import Figure, interleaved
from benchmarks.models import client_of
from benchmarks.peers import program, version
from benchmarks.photos import write_photos
from config.environments import LOCAL
from dataset.assembly import Dataset, assemble
from dataset.folder import open_folder
from dataset.layout import Layout
from scripts.bucket import Bucket
from scripts.datasets.upload import upload_images
from scripts.session import open_session

_PHOTOS: Final = 500
_ROUNDS: Final = 5
_BUCKET: Final = "benchmark-upload"


def measure(desk: Desk) -> list[Figure]:
    """Whole uploads, each under a prefix of its own; ours checks every image's content again."""
    client_of(desk, "s3").create_bucket(Bucket=_BUCKET)
    with tempfile.TemporaryDirectory(prefix="darkroom-upload-") as place:
        folder = Path(place, "photos")
        size_bytes = sum(path.stat().st_size for path in write_photos(folder, _PHOTOS))
        dataset = assemble(open_folder(folder), validation_fraction=0.2, seed=0)
        works = [_ours(desk, dataset), _s5cmd(desk, folder)]
        ours, theirs = (median(times) for times in interleaved(works, rounds=_ROUNDS))
    megabytes = size_bytes / 1e6
    peer = version("s5cmd", "version")
    return [
        Figure(
            what=f"upload: {_PHOTOS} photos, {megabytes:.0f} MB / {peer}, median",
            ours=f"{ours:.2f} s ({megabytes / ours:.0f} MB/s)",
            peer=f"{theirs:.2f} s ({megabytes / theirs:.0f} MB/s)",
            limit="1x",
            held=ours <= theirs,
        )
    ]


def _ours(desk: Desk, dataset: Dataset) -> Callable[[], object]:
    # The desk's cloud, with the credentials that every local cloud takes.
    bucket = Bucket(open_session(replace(LOCAL, endpoint_url=desk.url)), _BUCKET)
    rounds = itertools.count()

    def upload() -> None:
        layout = Layout(f"round-{next(rounds)}")
        count = sum(1 for _ in upload_images(bucket, layout, dataset.root, dataset.images))
        if count != _PHOTOS:
            raise RuntimeError(f"{count} photos of {_PHOTOS} were uploaded")

    return upload


def _s5cmd(desk: Desk, folder: Path) -> Callable[[], object]:
    rounds = itertools.count()
    variables = {**os.environ, **desk.variables}
    command = [program("s5cmd"), "--endpoint-url", desk.url, "--log", "error", "cp"]

    def upload() -> None:
        target = f"s3://{_BUCKET}/s5cmd-{next(rounds)}/"
        subprocess.run([*command, f"{folder}/", target], env=variables, check=True)

    return upload
