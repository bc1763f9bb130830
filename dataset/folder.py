"""A folder of labelled photos: one subfolder a class, holding that class's image files.

Names that begin with a dot are ignored, as by `ls` (`.DS_Store`, `._IMG_1.jpg`); everything else is
either a candidate or a rejection. A symbolic link counts as the file it leads to, if that lies
inside the folder.
"""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from dataset import rules
from dataset.errors import DatasetError
from dataset.rules import Rejection, Rule, printable


class Candidate(NamedTuple):
    """A file that may become an image of the dataset."""

    label: int
    file: str
    """Relative to the folder: how people name it, and where it is found again."""
    path: str
    """Absolute, symbolic links resolved: what to open."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    root: Path
    """Absolute, symbolic links resolved."""
    classes: tuple[str, ...]
    """Class names in label order: sorted by Unicode code point, in normal form C."""
    subfolders: tuple[str, ...]
    """The name on disk of each class's subfolder; macOS may write a class name in another form."""

    def files(self) -> Iterator[Candidate | Rejection]:
        """Every file that is not hidden, class by class."""
        for entry in _visible(self.root):
            if not _is_folder(entry, self.root):
                yield self._stray(entry)
        for label, subfolder in enumerate(self.subfolders):
            for entry in _visible(self.root / subfolder):
                yield self._candidate(label, f"{subfolder}/{entry.name}", entry)

    def count(self) -> int:
        """How many files `files` would name."""
        return sum(1 for _ in self.files())

    def _stray(self, entry: os.DirEntry[str]) -> Rejection:
        rule = rules.NO_CLASS
        if entry.is_symlink() and not _leads_inside(entry.path, self.root):
            rule = rules.OUTSIDE_FOLDER
        return Rejection.of(entry.name, rule, _kind(entry))

    def _candidate(self, label: int, file: str, entry: os.DirEntry[str]) -> Candidate | Rejection:
        path = entry.path
        if entry.is_symlink():
            broken = _link_violation(path, self.root)
            if broken is not None:
                return Rejection.of(file, *broken)
            path = os.path.realpath(path)
        if entry.is_dir():
            return Rejection.of(file, rules.NESTED_FOLDER, "a folder")
        return Candidate(label, file, path)


def open_folder(path: Path) -> Folder:
    """The classes of a folder. Raises DatasetError when it cannot hold a dataset."""
    where = printable(str(path))
    if not path.exists():
        raise DatasetError(f"{where}: no such folder; name a folder with one subfolder a class")
    if not path.is_dir():
        raise DatasetError(f"{where}: not a folder; name a folder with one subfolder a class")
    root = path.resolve()
    try:
        subfolders = [entry.name for entry in _visible(root) if _is_folder(entry, root)]
        for subfolder in subfolders:
            os.scandir(root / subfolder).close()
    except OSError as error:
        unread = printable(str(error.filename))
        raise DatasetError(
            f"{unread}: cannot be read ({error.strerror}); correct its permissions"
        ) from error
    named = sorted((_class_name(root, subfolder), subfolder) for subfolder in subfolders)
    classes = tuple(name for name, _ in named)
    _check_classes(where, classes)
    return Folder(root=root, classes=classes, subfolders=tuple(subfolder for _, subfolder in named))


def _check_classes(where: str, classes: tuple[str, ...]) -> None:
    if not classes:
        raise DatasetError(
            f"{where}: no classes (0 subfolders, at least 2 needed); "
            "put the images of each class into a subfolder named after it"
        )
    if len(classes) == 1:
        raise DatasetError(
            f"{where}: only one class ({classes[0]}; at least 2 needed); "
            "add a subfolder with images of another class"
        )
    for name, following in pairwise(classes):
        if name == following:
            raise DatasetError(
                f"{where}: two subfolders are the same class {name} written with different "
                "Unicode characters; merge them into one"
            )


def _class_name(root: Path, subfolder: str) -> str:
    name = unicodedata.normalize("NFC", subfolder)
    if not name.isprintable() or name != name.strip():
        raise DatasetError(
            f"{printable(str(root / subfolder))}: a class name may hold printable characters only, "
            "without a space at either end; rename the subfolder"
        )
    return name


def _visible(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                yield entry


def _is_folder(entry: os.DirEntry[str], root: Path) -> bool:
    """A class's subfolder; a link to a folder elsewhere is none."""
    return entry.is_dir() and (not entry.is_symlink() or _leads_inside(entry.path, root))


def _link_violation(path: str, root: Path) -> tuple[Rule, str] | None:
    target = os.path.realpath(path)
    if not _leads_inside(path, root):
        return rules.OUTSIDE_FOLDER, f"a link to {target}"
    if not Path(target).exists():
        return rules.UNREADABLE, "a broken link"
    return None


def _leads_inside(path: str, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(root)


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return f"a link to {os.path.realpath(entry.path)}"
    return "a file beside the class folders"
