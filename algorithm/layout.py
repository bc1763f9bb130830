"""The files that SageMaker and a container exchange under /opt/ml (facts sheet B.1, B.2)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Where everything is; nothing is created here, since the platform owns the directory."""

    root: Path

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Layout":
        """The layout under SAGEMAKER_BASE_DIR, which is /opt/ml unless it is set."""
        return cls(Path(environment.get("SAGEMAKER_BASE_DIR", "/opt/ml")))

    @property
    def hyperparameters(self) -> Path:
        return self.root / "input/config/hyperparameters.json"

    @property
    def channels(self) -> Path:
        return self.root / "input/config/inputdataconfig.json"

    @property
    def resources(self) -> Path:
        return self.root / "input/config/resourceconfig.json"

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def failure(self) -> Path:
        return self.root / "output/failure"

    def pipe(self, channel: str, epoch: int) -> Path:
        """The FIFO that streams `channel` in `epoch`, counted from 0."""
        return self.root / f"input/data/{channel}_{epoch}"
