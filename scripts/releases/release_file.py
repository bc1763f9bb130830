"""The release file of an environment in a work tree, and in the git history behind it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.release import RELEASES, Release, release_file
from scripts import repository
from scripts.cdk import REPOSITORY
from scripts.errors import Refused
from scripts.files import write_atomically
from scripts.releases.version import Version, folded, read_version

_FOLDER: Final = RELEASES.relative_to(RELEASES.parents[1]).as_posix()


@dataclass(frozen=True, kw_only=True)
class ReleaseFile:
    """Where the release of an environment stands, now and in earlier commits.

    What asks git raises Refused outside of a repository.
    """

    environment: str
    root: Path = REPOSITORY

    @property
    def path(self) -> str:
        """Below the repository's root, for example `config/releases/prod.json`."""
        return f"{_FOLDER}/{self._file.name}"

    @property
    def ignored(self) -> bool:
        """Whether git ignores the file: it belongs to one machine and has no history."""
        return repository.is_ignored(self.path, self.root)

    @property
    def shallow(self) -> bool:
        """Whether the clone lacks older commits."""
        return repository.is_shallow(self.root)

    @property
    def uncommitted(self) -> bool:
        """Whether the file differs from its last commit; never one that git ignores.

        Where there is no repository, there is nothing that it could differ from.
        """
        try:
            return bool(repository.changed_files(self.root, self.path))
        except Refused:
            return False

    @property
    def commit_command(self) -> str:
        """As it is typed in a shell."""
        return f"git add {self.path} && git commit"

    def content(self) -> bytes | None:
        """The file in the work tree as it is, or None if it is not there."""
        try:
            return self._file.read_bytes()
        except FileNotFoundError:
            return None

    def working(self) -> Version:
        """What the file says in the work tree."""
        return read_version(self.content(), self.environment, self.path, None)

    def committed(self) -> list[Version]:
        """The versions that were committed, newest first."""
        commits = repository.log(self.path, self.root)
        contents = repository.contents([each.sha for each in commits], self.path, self.root)
        return folded(
            read_version(content, self.environment, self.path, commit)
            for commit, content in zip(commits, contents, strict=True)
        )

    def at(self, revision: str) -> Version:
        """What the file said in a revision. Raises Refused for what is no commit here."""
        commit = repository.commit_of(revision, self.root)
        [content] = repository.contents([commit.sha], self.path, self.root)
        return read_version(content, self.environment, self.path, commit)

    def head_content(self) -> bytes | None:
        """The file as it was committed last, or None if it was not."""
        head = repository.head_commit(self.root)
        return repository.contents([head], self.path, self.root)[0] if head else None

    def write(self, release: Release) -> None:
        """Make the file say this; whole or not at all."""
        write_atomically(self._file, release.to_json().encode())

    @property
    def _file(self) -> Path:
        return release_file(self.environment, self.root / _FOLDER)
