"""The release that is promoted: one that the repository can show to everybody."""

from dataclasses import dataclass
from pathlib import Path

from config.environments import environment
from config.first_step import first_step
from config.release import Release, read_release, release_file
from scripts.cdk import REPOSITORY
from scripts.errors import Refused
from scripts.repository import changed_files, is_ignored, log


@dataclass(frozen=True, kw_only=True)
class CommittedRelease:
    """An environment's release, and the commit that its file came with."""

    release: Release
    commit: str


def committed_release(environment_name: str, repository: Path = REPOSITORY) -> CommittedRelease:
    """The environment's release as it is committed.

    A proof that names a release nobody can look up proves nothing. Raises Refused for a file that
    is missing, ignored by git or different from its last commit, and outside of a repository.
    """
    path = release_file(environment_name, repository / "config" / "releases")
    name = path.relative_to(repository).as_posix()
    release = read_release(environment_name, path.parent)
    if release is None:
        raise Refused(
            f"environment {environment_name} has no release to promote: {name} does not exist; "
            f"run `{first_step(environment(environment_name))}` first"
        )
    if is_ignored(name, repository):
        raise Refused(
            f"{name} is ignored by git, so nobody could look up what was promoted; promote from "
            "an environment whose release file is committed"
        )
    if changed_files(repository, name):
        raise Refused(
            f"{name} is not as it was committed, so nobody could look up what was promoted; "
            f"commit it first: `git add {name} && git commit`"
        )
    return CommittedRelease(release=release, commit=log(name, repository)[0].sha)
