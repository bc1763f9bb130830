"""What a data directory's cloud is doing, as plain data for people and programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local import front
from local.data_directory import DataDirectory, Record
from local.sagemaker.census import COUNTED, Census


@dataclass(frozen=True, kw_only=True)
class Status:
    """A cloud seen from outside; only a running one has a record and counts."""

    directory: str
    size_bytes: int
    record: Record | None
    accounts: Census = field(default_factory=dict)
    """What each account holds; one that holds nothing is left out."""

    @property
    def running(self) -> bool:
        """Whether a cloud answers here."""
        return self.record is not None

    @property
    def totals(self) -> dict[str, int]:
        """What all accounts hold together."""
        return {name: sum(held[name] for held in self.accounts.values()) for name in COUNTED}

    def held(self) -> list[str]:
        """A line for each account, or the totals alone where there are not several."""
        if len(self.accounts) < 2:
            return [_in_words(self.totals)]
        return [f"{account}: {_in_words(held)}" for account, held in self.accounts.items()]

    def as_json(self) -> dict[str, object]:
        """The answer of `status --json`."""
        answer: dict[str, object] = {
            "running": self.running,
            "data_directory": self.directory,
            "data_size_bytes": self.size_bytes,
        }
        if self.record is None:
            return answer
        return {**answer, **vars(self.record), **self.totals, "accounts": self.accounts}


def look(directory: DataDirectory) -> Status:
    """Look at a directory and ask its cloud. Raises FrontSilent when it runs but does not
    answer."""
    record = directory.running()
    return Status(
        directory=str(directory.root),
        size_bytes=directory.size_bytes(),
        record=record,
        accounts={} if record is None else front.census(record.port),
    )


def _in_words(held: Mapping[str, int]) -> str:
    return ", ".join(_counted(count, name.replace("_", " ")) for name, count in held.items())


def _counted(count: int, things: str) -> str:
    return f"{count} {things.removesuffix('s') if count == 1 else things}"
