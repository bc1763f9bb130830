"""Which earlier version of a release file a rollback leads to, and what it must not overwrite."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.release import Release
from scripts import console
from scripts.errors import Refused
from scripts.releases.release_file import ReleaseFile
from scripts.releases.version import Version, without_overrides
from scripts.repository import Commit


@dataclass(frozen=True, kw_only=True)
class WayBack:
    """What the file says in the work tree, and what it said in an earlier commit."""

    before: Release | None
    commit: Commit
    release: Release


def way_back(file: ReleaseFile, revision: str | None = None) -> WayBack:
    """The way to the file of `revision`; without it to the newest that serves something else.

    Raises Refused for a file that git ignores, for uncommitted changes that would be lost, and
    where there is nothing to go back to.
    """
    if file.ignored:
        raise Refused(
            f"{file.path} is ignored by git, so it has no earlier version; release the earlier "
            f"training job again: `darkroom release JOB --env {file.environment}`"
        )
    now, committed = file.working(), file.committed()
    _check_nothing_is_lost(file, now, committed)
    if revision is not None:
        return _to_revision(file, now, revision)
    return _to_newest(file, now, committed)


def _check_nothing_is_lost(file: ReleaseFile, now: Version, committed: Sequence[Version]) -> None:
    content, head = file.content(), file.head_content()
    if content is None or content == head:
        return
    # A rollback that was not committed may carry an override that no commit has: the same
    # command makes it again. A proof or a model could be lost for good.
    if now.release is not None:
        bare = without_overrides(now.release)
        if any(each.release and without_overrides(each.release) == bare for each in committed):
            return
    # `git restore` alone would bring back what is staged, which is in no commit either.
    drop = f"rm {file.path}" if head is None else f"git checkout HEAD -- {file.path}"
    raise Refused(
        f"{file.path} has changes that are in no commit and would be lost; commit them (`git add "
        f"{file.path} && git commit`) or drop them (`{drop}`), and repeat"
    )


def _to_newest(file: ReleaseFile, now: Version, committed: Sequence[Version]) -> WayBack:
    for place, version in enumerate(committed, start=1):
        commit, release = version.commit, version.release
        if version.problem is not None:
            console.say(f"{version.name} is passed over: {version.problem}")
        if commit is None or release is None:
            continue
        if now.release is None or not version.serves_the_same(now.release):
            if now.release and any(each.serves_the_same(now.release) for each in committed[place:]):
                # In an incident, the same command twice leads to the release that was the trouble.
                console.say(
                    f"{commit.short} is the release that was left for the present one; an older "
                    "one comes back with --to"
                )
            return WayBack(before=now.release, commit=commit, release=release)
    older = "fetch older commits (`git fetch --unshallow`)" if file.shallow else "there is none"
    raise Refused(
        f"environment {file.environment} has no earlier release in the history of {file.path}: "
        f"{older}; `darkroom history --env {file.environment}` shows what there is"
    )


def _to_revision(file: ReleaseFile, now: Version, revision: str) -> WayBack:
    version = file.at(revision)
    commit, release = version.commit, version.release
    if commit is None or release is None:
        raise Refused(
            f"revision {revision} ({version.name}) has no release of environment "
            f"{file.environment}: {version.problem or f'{file.path} is not there'}; name one that "
            f"`darkroom history --env {file.environment}` shows"
        )
    return WayBack(before=now.release, commit=commit, release=release)
