"""The releases of an environment, newest first, each compared with the one before it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from config.release import Release
from config.roles import CHAMPION, ROLES
from scripts.releases.origin import Origin, origin
from scripts.releases.release_file import ReleaseFile
from scripts.releases.version import Version, folded
from scripts.serving.shares import shares


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A version of the release file, and what it changed."""

    version: Version
    origin: Origin | None
    """None where there is no release to tell it of."""

    accuracy_change: float | None
    """The champion's validation accuracy less that of the release before; None of the first."""

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        commit, release = self.version.commit, self.version.release
        value: dict[str, Any] = {
            "commit": commit.sha if commit else None,
            "committed_at": commit.at.isoformat() if commit else None,
            "author": commit.author if commit else None,
            "subject": commit.subject if commit else None,
            "problem": self.version.problem,
        }
        if release is None or self.origin is None:
            return {**value, "digest": None, "models": {}}
        back = self.origin.rolled_back_to
        return {
            **value,
            "digest": release.digest,
            "origin": self.origin.words,
            "rolled_back_to": back.sha if back else None,
            "accuracy_change": self.accuracy_change,
            "models": dict(_models(release)),
        }


@dataclass(frozen=True, kw_only=True)
class History:
    """What became of a release file, as far as git knows."""

    environment: str
    file: str
    entries: Sequence[Entry]
    """Newest first; what is not committed stands on top."""

    ignored: bool
    """Whether git ignores the file, so that only what it says now is known."""

    shallow: bool
    """Whether the clone lacks older commits, and with them perhaps older releases."""


def history_of(file: ReleaseFile) -> History:
    """The history of a release file. Asks git alone; raises Refused outside of a repository."""
    committed = file.committed()
    versions = folded([file.working(), *committed])
    if not committed and versions[-1:] == [Version(commit=None)]:
        versions = []  # never released: no file is what everybody begins with
    return History(
        environment=file.environment,
        file=file.path,
        entries=list(_entries(versions)),
        ignored=file.ignored,
        shallow=file.shallow,
    )


def _entries(versions: Sequence[Version]) -> Iterator[Entry]:
    for place, version in enumerate(versions):
        release, older = version.release, versions[place + 1 :]
        before = next((each.release for each in older if each.release is not None), None)
        change = accuracy_of(release) - accuracy_of(before) if release and before else None
        yield Entry(
            version=version,
            origin=origin(release, older) if release else None,
            # Two decimals numbers less one another leave a hair that nobody measured.
            accuracy_change=None if change is None else round(change, 12),
        )


def accuracy_of(release: Release) -> float:
    """The champion's validation accuracy, from 0 to 1."""
    return release.models[CHAMPION].metrics["validation_accuracy"]


def _models(release: Release) -> Iterator[tuple[str, dict[str, Any]]]:
    share = shares(release.weights)
    for role in (role for role in ROLES if role in release.models):
        model = release.models[role]
        yield (
            role,
            {
                "training_job_name": model.training_job_name,
                "validation_accuracy": model.metrics["validation_accuracy"],
                "dataset_id": model.dataset_id,
                "artifact_sha256": model.artifact_sha256,
                "share": share.get(role),
                "served_in": model.served_in.to_value() if model.served_in else None,
                "override": model.override.to_value() if model.override else None,
            },
        )
