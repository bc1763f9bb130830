"""What a training job leaves in /opt/ml/model for the platform to archive (facts sheet A.5)."""

import json
import os
from pathlib import Path

from algorithm.contract.artifact import INPUT_NAME, SHAPES_NAME, model_name
from algorithm.contract.kinds import ImageShape


class ModelDirectory:
    """Holds the best model, or every checkpoint where those are asked for."""

    def __init__(self, path: Path, shape: ImageShape) -> None:
        self._path = path
        self._shape = shape
        self._best: Path | None = None

    def store_best(self, epoch: int, model: bytes) -> Path:
        """Store the model of `epoch` in place of the best one so far."""
        stored = self.store(epoch, model)
        if self._best is not None:
            self._best.unlink()
        self._best = stored
        return stored

    def store(self, epoch: int, model: bytes) -> Path:
        """Store the model of `epoch` beside the others."""
        self._path.mkdir(parents=True, exist_ok=True)
        shapes = [{"shape": [1, *self._shape], "name": INPUT_NAME}]
        _write(self._path / SHAPES_NAME, json.dumps(shapes).encode())
        path = self._path / model_name(epoch)
        _write(path, model)
        return path


def _write(path: Path, content: bytes) -> None:
    # A file appears complete or not at all: the platform archives whatever it finds here.
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
