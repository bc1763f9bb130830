"""A release that is to be deployed or was written, and that no commit has yet."""

from pathlib import Path

from config.settings import Settings
from scripts.cdk import REPOSITORY
from scripts.releases.release_file import ReleaseFile


def uncommitted_notice(settings: Settings, root: Path = REPOSITORY) -> str | None:
    """What whoever deploys has to know of a release file that is not as it was committed.

    None for one that is, and for an environment whose releases need no proof: who tries models out
    there commits when there is something to promote.
    """
    file = ReleaseFile(environment=settings.name, root=root)
    if settings.gates.served_in is None or not file.uncommitted:
        return None
    return (
        f"{file.path} has changes that are in no commit, so nobody could look up what is deployed; "
        f"commit it: {file.commit_command}"
    )
