"""Photos to ask about: files and folders as the operator names them, read one at a time."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dataset import rules
from dataset.inspection import inspect, read_file
from dataset.rules import Rule, Violation, printable
from scripts.errors import Refused


class Photo(NamedTuple):
    """An encoded image, as it is sent."""

    file: str
    content_type: str
    content: bytes
    resized: str | None = None
    """What was changed to make it acceptable; None: it is sent as it was found."""


@dataclass(frozen=True, kw_only=True)
class NamedFile:
    """A file to read, under the name that its answer gets."""

    name: str
    """As it is, also where no terminal should show it so."""

    path: Path
    broken: tuple[Rule, str] | None = None
    """A rule that it breaks before it is opened, and the value found."""


class NotSent(Exception):
    """A file that no endpoint would take; the text is one line without the file's name."""


def find_files(paths: Iterable[Path]) -> list[NamedFile]:
    """Every file named, and every visible file below every folder named, in a lasting order.

    By content, never by name: a text file in a folder is found too, and told of in its place.
    Raises Refused for a path that leads nowhere, and when there is no file at all.
    """
    found: list[NamedFile] = []
    for path in paths:
        name = printable(str(path))
        if path.is_dir():
            found += _below(path)
        elif path.exists():
            found.append(NamedFile(name=str(path), path=path.resolve()))
        elif path.is_symlink():
            raise Refused(
                f"{name}: {_dead_link(path)}; mend the link, or name a PNG or JPEG, or a folder "
                "of them"
            )
        else:
            raise Refused(f"{name}: no such file; name a PNG or JPEG, or a folder of them")
    if not found:
        raise Refused(
            f"{', '.join(printable(str(path)) for path in paths)}: no files; "
            "name a PNG or JPEG, or a folder of them"
        )
    return found


def _below(folder: Path) -> Iterator[NamedFile]:
    """Links count as the file they lead to, inside the folder only, as `prepare` has it."""
    root = folder.resolve()
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in files if not name.startswith(".")):
            path = Path(place) / name
            # Not Path.resolve, which raises for a link that leads to itself.
            target = Path(os.path.realpath(path))
            broken = None
            if not target.is_relative_to(root):
                broken = (rules.OUTSIDE_FOLDER, f"a link to {target}")
            elif path.is_symlink() and not path.exists():
                broken = (rules.UNREADABLE, _dead_link(path))
            yield NamedFile(name=str(path), path=target, broken=broken)


def _dead_link(path: Path) -> str:
    return f"a link to {printable(str(path.readlink()))}, which leads nowhere"


def _unreadable(error: OSError) -> None:
    raise Refused(
        f"{printable(str(error.filename))}: cannot be read ({error.strerror}); "
        "correct its permissions"
    )


def read_photo(file: NamedFile, *, resize: bool = False) -> Photo:
    """An image that an endpoint will accept. Raises NotSent for any other file.

    `resize` scales down what is only too large, in bytes or in pixels.
    """
    try:
        return _resized(file) if resize else _as_it_is(file)
    except Violation as broken:
        raise NotSent(_reason(broken, resize=resize)) from broken


def _as_it_is(file: NamedFile) -> Photo:
    _check_place(file)
    content = read_file(str(file.path))
    return Photo(file.name, inspect(content).format.media_type, content)


def _resized(file: NamedFile) -> Photo:
    # Pillow takes a while to import, and only this needs it.
    from scripts.serving.resizing import scaled_down

    _check_place(file)
    content, change = scaled_down(file.path)
    return Photo(file.name, inspect(content).format.media_type, content, change)


def _check_place(file: NamedFile) -> None:
    if file.broken is not None:
        raise Violation(*file.broken)


def _reason(broken: Violation, *, resize: bool) -> str:
    rule = broken.rule
    remedy = rule.remedy
    if rule in (rules.FILE_SIZE, rules.SIDE) and not resize:
        remedy = f"{remedy}, or let --resize scale it down"
    return f"{rule.name}: {printable(broken.measured)}; limit: {rule.limit}; {remedy}"
