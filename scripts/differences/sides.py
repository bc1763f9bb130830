"""The two revisions that are compared, and their files in folders of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scripts import repository
from scripts.cdk import REPOSITORY
from scripts.differences.words import Phrase, phrase
from scripts.errors import Refused

_RELEASES: Final = "config/releases"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two: a commit, or the files as they lie there."""

    commit: str | None
    """Its full name; None is the working tree."""

    chosen: Phrase = field(default_factory=Phrase)
    """Why this one, where nobody named it."""

    @property
    def name(self) -> str:
        """`1a2b3c4d5`, or `the working tree`."""
        return self.commit[:9] if self.commit else "the working tree"

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"commit": self.commit, "chosen": str(self.chosen) or None}


def sides(base: str | None, head: str | None, folder: Path = REPOSITORY) -> tuple[Side, Side]:
    """Base and head, chosen where they are not named.

    Raises Refused outside of a git repository, for what is no commit, and where there is nothing
    before head.
    """
    # Both are asked before anything is chosen: a mistyped revision is the operator's to mend.
    named = None if base is None else repository.resolve(base, folder)
    after = Side(commit=None if head is None else repository.resolve(head, folder))
    if named is not None:
        return Side(commit=named), after
    return _before(after.commit, folder), after


def _before(commit: str | None, folder: Path) -> Side:
    tip = commit or repository.resolve("HEAD", folder)
    main = repository.main_branch(folder)
    shared = repository.merge_base(tip, main, folder) if main else None
    changed = commit is None and bool(repository.changed_files(folder))
    if shared is not None and (shared != tip or changed):
        return Side(commit=shared, chosen=phrase("where it left {}", main))
    if shared is None and changed:
        return Side(
            commit=tip,
            chosen=phrase(
                "the last commit, since no branch is called {}; {} names another", "main", "--base"
            ),
        )
    before = repository.parent(tip, folder)
    if before is None:
        raise Refused(
            f"commit {tip[:9]} has none before it here to compare with; name one with --base, or "
            "fetch more of the history (a shallow clone lacks the older commits)"
        )
    return Side(commit=before, chosen=phrase("the commit before {}", tip[:9]))


def is_aside(base: Side, head: Side, folder: Path = REPOSITORY) -> bool:
    """Whether base has commits that head was not made from, as a main that has moved on."""
    assert base.commit is not None  # noqa: S101 - `sides` makes no other
    tip = head.commit or repository.resolve("HEAD", folder)
    return repository.merge_base(base.commit, tip, folder) != base.commit


@contextmanager
def trees(before: Side, after: Side, folder: Path = REPOSITORY) -> Iterator[tuple[Path, Path]]:
    """The files of both sides, for as long as the block lasts.

    A release file that git ignores is in no commit, and is nobody's change: where the working
    tree has one, the base is given it too.
    """
    with ExitStack() as stack:
        laid = []
        for side in (before, after):
            if side.commit is None:
                laid.append(folder)
                continue
            target = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-diff-")))
            repository.extract(side.commit, target, folder)
            laid.append(target)
        if after.commit is None:
            _lend_ignored_releases(folder, laid[0])
        yield laid[0], laid[1]


def _lend_ignored_releases(folder: Path, base: Path) -> None:
    for file in sorted((folder / _RELEASES).glob("*.json")):
        if repository.is_ignored(f"{_RELEASES}/{file.name}", folder):
            (base / _RELEASES).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, base / _RELEASES / file.name)
