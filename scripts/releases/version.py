"""One version of a release file: what it says, and the commit that made it say so."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from config.errors import ConfigurationError
from config.release import Release
from scripts.repository import Commit


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a release file says at one point of its history.

    Neither a release nor a problem: the file is not there, and nothing is released.
    """

    commit: Commit | None
    """The one that brought it; None is the work tree, where it is not committed."""

    release: Release | None = None
    problem: str | None = None
    """Why the file is no release of its environment."""

    @property
    def name(self) -> str:
        return self.commit.short if self.commit else "uncommitted"

    def says_the_same(self, other: "Version") -> bool:
        """Whether both are the same release, however it is written; nobody knows of a problem."""
        if self.problem is not None or other.problem is not None:
            return False
        return self.release == other.release

    def serves_the_same(self, release: Release) -> bool:
        """Whether this deploys the same models with the same shares, whatever let them through."""
        return self.release is not None and _bare(self.release) == _bare(release)


def read_version(
    content: bytes | None, environment: str, path: str, commit: Commit | None
) -> Version:
    """The version that a file with this content is; None is no file."""
    if content is None:
        return Version(commit=commit)
    try:
        release = Release.from_json(content.decode(), path)
    except UnicodeDecodeError:
        return Version(commit=commit, problem=f"{path} is no UTF-8 text")
    except ConfigurationError as error:
        # What to do about it is said for a file in the work tree, which this need not be.
        return Version(commit=commit, problem=str(error).rpartition("; ")[0])
    if release.environment != environment:
        problem = f"{path} is a release of environment {release.environment}"
        return Version(commit=commit, problem=problem)
    return Version(commit=commit, release=release)


def folded(versions: Iterable[Version]) -> list[Version]:
    """The versions, newest first, each by the commit that brought it; a mere new spelling is none.

    Takes them newest first.
    """
    kept: list[Version] = []
    for version in reversed(list(versions)):
        if not kept or not version.says_the_same(kept[-1]):
            kept.append(version)
    return kept[::-1]


def without_overrides(release: Release) -> Release:
    """The release as if nobody had let a model pass a gate."""
    models = {role: replace(model, override=None) for role, model in release.models.items()}
    return replace(release, models=models)


def _bare(release: Release) -> Release:
    models = {role: replace(model, served_in=None) for role, model in release.models.items()}
    return without_overrides(replace(release, models=models))
