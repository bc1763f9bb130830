"""The git repository that the templates, the settings and the release files live in.

Asked through git's own command line: every reader of the repository has it, and it alone knows
work trees, shallow clones and attributes as the reader's git does.
"""

import os
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from scripts.cdk import REPOSITORY
from scripts.errors import Refused

# Fields end in NUL, the one character that nobody can put into a name or a message.
_LOG: Final = ("log", "-z", "--encoding=UTF-8", "--format=%H%x00%aN%x00%cI%x00%s")
_FIELDS: Final = 4


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One commit, as far as the history of a file is told by it."""

    sha: str
    author: str
    at: datetime
    """When it was committed, with its offset from UTC."""

    subject: str

    @property
    def short(self) -> str:
        return self.sha[:9]


def log(path: str, folder: Path = REPOSITORY) -> list[Commit]:
    """The commits that changed the file at `path` (below `folder`), newest first.

    Along first parents: what a branch went through before it was merged was never the state of
    the branch that is checked out, so a merge stands for all of it. None before the first commit.
    Raises Refused outside of a git repository.
    """
    if head_commit(folder) is None:
        _git(folder, "rev-parse", "--git-dir")  # says so if this is no repository at all
        return []
    return _commits(_git(folder, *_LOG, "--first-parent", "--", path))


def commit_of(revision: str, folder: Path = REPOSITORY) -> Commit:
    """The commit that a revision names. Raises Refused for what is no commit here."""
    [found] = _commits(_git(folder, *_LOG, "-1", resolve(revision, folder)))
    return found


def contents(revisions: Sequence[str], path: str, folder: Path = REPOSITORY) -> list[bytes | None]:
    """The file's content in each of the revisions, None where there is no such file.

    One process reads them all, so that a long history costs no more than a short one. Raises
    Refused where git cannot read what it knows to be there.
    """
    asked = "".join(f"{revision}:./{path}\n" for revision in revisions)
    finished = _run(folder, "cat-file", "--batch", stdin=asked.encode())
    found = list(_blobs(finished.stdout))
    if finished.returncode or len(found) != len(revisions):
        raise _failure(finished, folder, "cat-file")
    return found


def is_shallow(folder: Path = REPOSITORY) -> bool:
    """Whether this clone lacks the older commits; its oldest then seems to have made every file."""
    return _git(folder, "rev-parse", "--is-shallow-repository").strip() == "true"


def resolve(revision: str, folder: Path = REPOSITORY) -> str:
    """The commit's full name. Raises Refused for what is no commit here."""
    # git would take a dash for the beginning of an option.
    named = "" if revision.startswith("-") else revision
    finished = _run(folder, "rev-parse", "--verify", "--quiet", f"{named}^{{commit}}")
    if finished.returncode:
        _git(folder, "rev-parse", "--git-dir")  # says so if this is no repository at all
        raise Refused(
            f"revision {revision!r} is no commit of this repository; name one that `git log` "
            "shows, or fetch it first (a shallow clone lacks the older ones)"
        )
    return finished.stdout.decode().strip()


def merge_base(one: str, other: str, folder: Path = REPOSITORY) -> str | None:
    """The newest commit that both revisions grew from, or None if there is none."""
    finished = _run(folder, "merge-base", one, other)
    return None if finished.returncode else finished.stdout.decode().strip()


def main_branch(folder: Path = REPOSITORY) -> str | None:
    """What others' changes are merged into: the remote's default branch, else `main`.

    The remote is `origin`, or the only one there is, whatever it is called. None without either.
    """
    remotes = _git(folder, "remote").split()
    remote = remotes[0] if len(remotes) == 1 else "origin"
    finished = _run(folder, "symbolic-ref", "--quiet", "--short", f"refs/remotes/{remote}/HEAD")
    candidates = (finished.stdout.decode().strip(), "main", f"refs/remotes/{remote}/main")
    for name in filter(None, candidates):
        found = _run(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if not found.returncode:
            return name.removeprefix("refs/remotes/")
    return None


def parent(revision: str, folder: Path = REPOSITORY) -> str | None:
    """The commit before a revision, the first of a merge's; None before the first commit."""
    finished = _run(folder, "rev-parse", "--verify", "--quiet", f"{revision}^1^{{commit}}")
    return None if finished.returncode else finished.stdout.decode().strip()


def head_commit(folder: Path = REPOSITORY) -> str | None:
    """The full name of the commit that is checked out, or None without git or a commit."""
    try:
        finished = _run(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    except Refused:
        return None
    return None if finished.returncode else finished.stdout.decode().strip()


def changed_files(folder: Path = REPOSITORY, *paths: str) -> list[str]:
    """The files that differ from HEAD or are not known to git, ignored ones aside."""
    text = _git(folder, "status", "--porcelain=v1", "-z", "--no-renames", "--", *(paths or (".",)))
    return [row[3:] for row in text.split("\0") if row]


def is_ignored(path: str, folder: Path = REPOSITORY) -> bool:
    """Whether git ignores the file at `path`, so that it has no history."""
    return _run(folder, "check-ignore", "--quiet", "--", path).returncode == 0


def extract(revision: str, target: Path, folder: Path = REPOSITORY) -> None:
    """Lay the files of a revision into the folder `target`, which exists and is empty.

    Byte for byte as they were committed: `git archive` would let a commit's own .gitattributes
    leave files out. Submodules are left out. Raises Refused, with nothing written, for a revision
    that lacks an object or that holds a path or a link out of the folder.
    """
    listed = _git(folder, "ls-tree", "-r", "-z", resolve(revision, folder)).split("\0")[:-1]
    entries = [_Entry.read(row) for row in listed if " blob " in row.partition("\t")[0]]
    asked = "".join(f"{entry.id}\n" for entry in entries)
    found = _blobs(_run(folder, "cat-file", "--batch", stdin=asked.encode()).stdout)
    try:
        members = [entry.member(next(found, None), target) for entry in entries]
    except (_Missing, tarfile.FilterError) as error:
        raise Refused(
            f"revision {revision} cannot be laid out as files: {error}; fetch all of it, or "
            "compare with another one"
        ) from error
    for member, content in members:
        place = target / member.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if member.issym():
            place.symlink_to(member.linkname)
        else:
            place.write_bytes(content)
            place.chmod(member.mode)


class _Missing(Exception):
    """An object that a shallow or partial clone has not fetched."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A line of `git ls-tree`: a file or a link of a revision."""

    mode: str
    id: str
    path: str

    @classmethod
    def read(cls, row: str) -> Self:
        about, _, path = row.partition("\t")
        mode, _, id_ = about.split(" ")
        return cls(mode=mode, id=id_, path=path)

    def member(self, content: bytes | None, target: Path) -> tuple[tarfile.TarInfo, bytes]:
        """What tar would unpack, by tar's rule for archives that may be anybody's (PEP 706)."""
        if content is None:
            raise _Missing(f"{self.path} is not in this clone")
        member = tarfile.TarInfo(self.path)
        if self.mode == "120000":
            member.type, member.linkname = tarfile.SYMTYPE, os.fsdecode(content)
        member.mode = 0o755 if self.mode == "100755" else 0o644
        return tarfile.data_filter(member, str(target)), content


def _commits(text: str) -> list[Commit]:
    fields = text.split("\0")[:-1]
    rows = (fields[at : at + _FIELDS] for at in range(0, len(fields), _FIELDS))
    return [
        Commit(sha=sha, author=author, at=datetime.fromisoformat(at), subject=subject)
        for sha, author, at, subject in rows
    ]


def _blobs(answer: bytes) -> Iterator[bytes | None]:
    """What `git cat-file --batch` tells: `<id> <type> <size>`, content; or `<name> missing`."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        header, at = answer[at:end], end + 1
        if header.endswith(b" missing"):
            yield None
            continue
        _, kind, size = header.split(b" ")
        yield answer[at : at + int(size)] if kind == b"blob" else None
        at += int(size) + 1


def _git(folder: Path, *arguments: str) -> str:
    finished = _run(folder, *arguments)
    if finished.returncode:
        raise _failure(finished, folder, arguments[0])
    return finished.stdout.decode(errors="replace")


def _failure(finished: subprocess.CompletedProcess[bytes], folder: Path, verb: str) -> Refused:
    reason = " ".join(finished.stderr.decode(errors="replace").split())
    return Refused(
        f"git {verb} ended with exit code {finished.returncode} in {folder}: "
        f"{reason or 'no reason given'}; run darkroom in a clone of the repository"
    )


def _run(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ("git", *_at(folder), *arguments)
    try:
        return subprocess.run(
            command, input=stdin, capture_output=True, check=False, env=_variables()
        )
    except FileNotFoundError as error:
        raise Refused("git is not installed; install it, and repeat") from error


def _at(folder: Path) -> tuple[str, ...]:
    # A user's own configuration may follow renames and put signatures between the lines of a log.
    plain = ("-c", "log.follow=false", "-c", "log.showSignature=false")
    return "-C", str(folder), *plain


def _variables() -> dict[str, str]:
    # A hook or a rebase that runs us names its own repository in GIT_DIR and GIT_INDEX_FILE.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
