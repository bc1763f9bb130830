"""What a data directory's cloud is doing, as plain data for people and programs."""

from dataclasses import dataclass

from local.data_directory import DataDirectory, Record
from local.front import count


@dataclass(frozen=True, kw_only=True)
class Status:
    """A cloud seen from outside; only a running one has a record and counts."""

    directory: str
    size_bytes: int
    record: Record | None
    endpoints: int = 0
    models: int = 0
    training_jobs: int = 0

    @property
    def running(self) -> bool:
        """Whether a cloud answers here."""
        return self.record is not None

    def as_json(self) -> dict[str, object]:
        """The answer of `status --json`."""
        answer: dict[str, object] = {
            "running": self.running,
            "data_directory": self.directory,
            "data_size_bytes": self.size_bytes,
        }
        if self.record is None:
            return answer
        return {
            **answer,
            **vars(self.record),
            "endpoints": self.endpoints,
            "models": self.models,
            "training_jobs": self.training_jobs,
        }


def look(directory: DataDirectory) -> Status:
    """Look at a directory and ask its cloud. Raises FrontSilent when it runs but does not
    answer."""
    record = directory.running()
    root, size = str(directory.root), directory.size_bytes()
    if record is None:
        return Status(directory=root, size_bytes=size, record=None)
    return Status(
        directory=root,
        size_bytes=size,
        record=record,
        endpoints=count(record.port, "ListEndpoints", "Endpoints"),
        models=count(record.port, "ListModels", "Models"),
        training_jobs=count(record.port, "ListTrainingJobs", "TrainingJobSummaries"),
    )
