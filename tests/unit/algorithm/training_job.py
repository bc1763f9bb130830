"""A training job as the platform sets it up: files, pipes that are fed, and the real container."""

import contextlib
import io
import json
import os
import random
import select
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from algorithm.layout import Layout
from algorithm.training.recordio import MAGIC

PIPED: Mapping[str, str] = {
    "ContentType": "application/x-recordio",
    "TrainingInputMode": "Pipe",
    "S3DistributionType": "FullyReplicated",
    "RecordWrapperType": "RecordIO",
}

Labelled = tuple[bytes, str]
"An encoded image and its label, as the two records of a manifest line."


def photo(label: int, seed: int, *, side: int = 24) -> Labelled:
    """A noisy square whose brightness tells its class."""
    noise = random.Random(seed).randbytes(side * side * 3)  # noqa: S311 - pixels
    image = Image.frombytes("RGB", (side, side), noise).point(lambda v: v // 8 + 70 * label)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue(), str(label)


def photos(count: int, *, seed: int = 0) -> list[Labelled]:
    """Images of three classes in turns."""
    return [photo(index % 3, seed * 10_000 + index) for index in range(count)]


def record(payload: bytes, part: int = 0) -> bytes:
    header = struct.pack("<II", MAGIC, part << 29 | len(payload))
    return header + payload + bytes(-len(payload) % 4)


def stream(samples: Iterable[Labelled]) -> bytes:
    return b"".join(record(image) + record(label.encode()) for image, label in samples)


def strings(**changes: object) -> dict[str, str]:
    """Hyperparameters of a job that takes a second or two."""
    chosen: dict[str, object] = {
        "num_classes": 3,
        "num_training_samples": 48,
        "image_shape": "3,16,16",
        "resize": 16,
        "num_layers": 20,
        "epochs": 2,
        "mini_batch_size": 8,
        "optimizer": "adam",
        "learning_rate": 0.003,
    }
    return {name: str(value) for name, value in (chosen | changes).items()}


@dataclass
class TrainingJob:
    """The /opt/ml of one job under `root`, and whoever feeds its pipes."""

    root: Path
    hyperparameters: Mapping[str, str] = field(default_factory=strings)
    channels: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: {"train": PIPED, "validation": PIPED}
    )

    def __post_init__(self) -> None:
        for folder in ("input/config", "input/data", "model", "output"):
            (self.root / folder).mkdir(parents=True)
        self.layout = Layout(self.root)
        self.layout.hyperparameters.write_text(json.dumps(self.hyperparameters))
        self.layout.channels.write_text(json.dumps(self.channels))
        self._feeders: list[tuple[threading.Thread, Path]] = []

    def feed(self, channel: str, epoch: int, content: bytes) -> None:
        """Make the FIFO of an epoch and write `content` to it once somebody reads."""
        path = self.layout.pipe(channel, epoch)
        os.mkfifo(path)
        feeder = threading.Thread(target=_write, args=(path, content), daemon=True)
        feeder.start()
        self._feeders.append((feeder, path))

    def feed_epochs(
        self,
        epochs: int,
        *,
        train: Sequence[Labelled] | None = None,
        validation: Sequence[Labelled] | None = None,
    ) -> None:
        for epoch in range(epochs):
            self.feed("train", epoch, stream(photos(48) if train is None else train))
            held_out = photos(20, seed=1) if validation is None else validation
            self.feed("validation", epoch, stream(held_out))

    def close(self) -> None:
        """Release feeders whose pipe nobody read to its end."""
        for feeder, path in self._feeders:
            while feeder.is_alive():
                reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                feeder.join(timeout=0.05)
                os.close(reader)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "SAGEMAKER_BASE_DIR": str(self.root)}

    @contextlib.contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        """The container's process, killed at the end if it is still there."""
        with subprocess.Popen(
            [sys.executable, "-m", "algorithm", "train"],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()
                process.wait()
                self.close()

    def run(self) -> tuple[int, str]:
        """Exit code and log."""
        with self.started() as process:
            log, _ = process.communicate()
            return process.returncode, log

    @property
    def failure(self) -> str:
        return self.layout.failure.read_text(encoding="utf-8")

    @property
    def stored(self) -> list[str]:
        return sorted(path.name for path in self.layout.model.iterdir())


def _write(path: Path, content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), path.open("wb", buffering=0) as pipe:
        view = memoryview(content)
        while view:
            select.select([], [pipe], [])
            view = view[pipe.write(view) or 0 :]
