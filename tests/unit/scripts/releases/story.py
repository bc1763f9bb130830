"""A git repository of one test's own, in which a release file has a past."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.release import Release, ReleasedModel
from scripts.releases.release_file import ReleaseFile
from tests.releases import any_model, any_proof

_FIRST_DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Story:
    """Commits a release file's versions one by one, a day apart, each by somebody."""

    def __init__(self, root: Path, environment: str = "prod") -> None:
        self.root = root
        self.file = ReleaseFile(environment=environment, root=root)
        self._commits = 0
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        day = (_FIRST_DAY + timedelta(days=self._commits)).isoformat()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        return subprocess.run(
            ("git", *identity, *words),
            cwd=self.root,
            env={**kept, "GIT_AUTHOR_DATE": day, "GIT_COMMITTER_DATE": day},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def says(self, content: Release | str | bytes | None) -> None:
        """What the file holds in the work tree; None deletes it."""
        path = self.root / self.file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
            return
        text = content.to_json() if isinstance(content, Release) else content
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commits(self, content: Release | str | bytes | None, author: str = "Ada") -> str:
        """The full name of a commit that makes the file say this."""
        self.says(content)
        self.git("add", "--all")
        self._commits += 1
        message = f"Release {self._commits}"
        self.git("commit", "--quiet", f"--author={author} <x@example.com>", "-m", message)
        return self.git("rev-parse", "HEAD")

    @property
    def text(self) -> str:
        return (self.root / self.file.path).read_text()


def proven(trained: str, accuracy: float = 0.95) -> ReleasedModel:
    """A model that dev served."""
    model = any_model(trained, metrics={"validation_accuracy": accuracy, "best_epoch": 4})
    return replace(model, served_in=any_proof(model))


def release_of(
    environment: str = "prod",
    weights: Mapping[str, float] | None = None,
    **models: ReleasedModel,
) -> Release:
    """A release of these models by role; by default each gets the same share."""
    same = {role: 1.0 for role in models if role != "shadow"}
    return Release(environment=environment, models=models, weights=weights or same)
