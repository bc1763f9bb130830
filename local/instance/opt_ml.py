"""The `/opt/ml` of a container, in a private directory (facts sheet B.1, B.2)."""

import json
from collections.abc import Iterable
from pathlib import Path

from local.instance.assignment import Channel, TrainingAssignment

FAILURE_REASON_CHARACTERS = 1024
HOST = "algo-1"


class OptMl:
    """Where the container finds its input and leaves its output."""

    def __init__(self, directory: Path) -> None:
        self.base = directory / "ml"
        self.config = self.base / "input" / "config"
        self.data = self.base / "input" / "data"
        self.model = self.base / "model"
        self.output_data = self.base / "output" / "data"
        self.failure = self.base / "output" / "failure"

    def make(self) -> None:
        """Create the directories, readable by this user alone."""
        self.base.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for directory in (self.config, self.data, self.model, self.output_data):
            directory.mkdir(parents=True, exist_ok=True)

    def write_training_configuration(self, job: TrainingAssignment) -> None:
        """The three JSON files of `input/config`."""
        self._write("hyperparameters", job.hyperparameters)
        self._write("inputdataconfig", _input_data_configuration(job.channels))
        self._write(
            "resourceconfig",
            {
                "current_host": HOST,
                "hosts": [HOST],
                "current_instance_type": job.instance_type,
                "network_interface_name": "lo",
            },
        )

    def failure_text(self) -> str | None:
        """What the container wrote about its failure, as much as SageMaker reports of it.

        Only a regular file says something: to open a FIFO would be to wait for its writer.
        """
        if not self.failure.is_file():
            return None
        try:
            with self.failure.open(encoding="utf-8", errors="replace") as file:
                return file.read(FAILURE_REASON_CHARACTERS).strip() or None
        except OSError:
            return None

    def _write(self, name: str, content: object) -> None:
        (self.config / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _input_data_configuration(channels: Iterable[Channel]) -> dict[str, dict[str, str]]:
    return {
        channel.name: {
            key: value
            for key, value in (
                ("ContentType", channel.content_type),
                ("TrainingInputMode", channel.input_mode),
                ("S3DistributionType", "FullyReplicated"),
                ("RecordWrapperType", channel.record_wrapper or "None"),
            )
            if value is not None
        }
        for channel in channels
    }
