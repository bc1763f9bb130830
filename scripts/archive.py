"""A model.tar.gz, looked into and unpacked without trusting it.

SageMaker unpacks whatever stands behind a model's URL, so an archive of ours holds plain files
and folders, below its root, and no more than a small endpoint has room for.
"""

import errno
import gzip
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, Final

LIMIT_BYTES: Final = 5 * 1024**3
"""Unpacked: the disk of a serverless endpoint (facts C.2), the smallest there is."""

LIMIT_MEMBERS: Final = 1000
"""A training job leaves three files, and one more for each checkpoint."""

_HEADER_BYTES: Final = 1024**2
"""As much as may be said about a member before it begins, and as may fill up the archive's end."""

_BLOCK_BYTES: Final = tarfile.BLOCKSIZE
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class UnsafeArchive(Exception):
    """No tar.gz, or one that would write where, what or as much as it must not; one line."""


def visit(
    archive: Path,
    look: Callable[[PurePosixPath, IO[bytes]], None],
    limit_bytes: int = LIMIT_BYTES,
) -> None:
    """Call `look` with the name and content of every file, one after the other.

    Raises UnsafeArchive naming the member that breaks a rule, before its content is unpacked; for
    one that is damaged or goes on behind its end, only after the members before have been looked
    at. Raises OSError when `look` has no room to write to, which is no fault of the archive.
    """
    try:
        with gzip.open(archive) as unpacked:
            metered = _Metered(unpacked)
            # typeshed asks for the methods that only writing needs.
            with tarfile.open(fileobj=metered, mode="r:") as members:  # type: ignore[call-overload]
                _visit(members, metered, look, limit_bytes)
            metered.check_end()
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnsafeArchive(f"it is no tar.gz: {error}") from error
    except (ValueError, OverflowError, RecursionError) as error:  # what `tarfile` does not foresee
        raise UnsafeArchive(f"it is no tar.gz: {error}") from error
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise UnsafeArchive(f"it cannot be unpacked: {error.strerror or error}") from error


def unpack(archive: Path, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
    """Write every file below `folder`, by the same rules. Raises UnsafeArchive, and OSError."""

    def write(name: PurePosixPath, content: IO[bytes]) -> None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file)

    visit(archive, write, limit_bytes)


def _visit(
    members: tarfile.TarFile,
    metered: "_Metered",
    look: Callable[[PurePosixPath, IO[bytes]], None],
    limit_bytes: int,
) -> None:
    total = count = 0
    while (member := members.next()) is not None:
        count, total = count + 1, total + member.size
        _check(member, count=count, total=total, limit_bytes=limit_bytes)
        metered.allow(member.size)
        content = members.extractfile(member)
        if content is not None:
            look(PurePosixPath(member.name), content)
            metered.allow(0)


def _check(member: tarfile.TarInfo, *, count: int, total: int, limit_bytes: int) -> None:
    path, name = PurePosixPath(member.name), member.name[:200]
    if count > LIMIT_MEMBERS:
        raise UnsafeArchive(f"it has more than {LIMIT_MEMBERS} members")
    if member.size < 0:  # the format has a notation for it, and `tarfile` reads it
        raise UnsafeArchive(f"member {name!r} has less than no bytes")
    if total > limit_bytes:
        raise UnsafeArchive(f"with member {name!r} it unpacks to more than {limit_bytes:,} bytes")
    if "\0" in member.name:  # C programs would see another name, Python's file system none
        raise UnsafeArchive(f"member {name!r} has a name that no file can have")
    if path.is_absolute() or ".." in path.parts:
        raise UnsafeArchive(f"member {name!r} leads out of the archive")
    if not (member.isfile() or member.isdir()):
        raise UnsafeArchive(f"member {name!r} is a link or a special file")


class _Metered:
    """What `tarfile` reads from: it believes the lengths in headers and reads those in one go."""

    def __init__(self, unpacked: gzip.GzipFile) -> None:
        self._unpacked = unpacked
        self._left = _HEADER_BYTES
        self._last = b""
        self.seek, self.tell = unpacked.seek, unpacked.tell

    def allow(self, content_bytes: int) -> None:
        """Let the content of the next member, and the header behind it, be read."""
        self._left = content_bytes + _HEADER_BYTES

    def read(self, size: int) -> bytes:
        if size > self._left:
            raise UnsafeArchive(
                f"it has more than {_HEADER_BYTES:,} bytes before, between or behind its members"
            )
        found = self._last = self._unpacked.read(size)
        self._left -= len(found)
        return found

    def check_end(self) -> None:
        """Raise UnsafeArchive unless `tarfile` stopped at the zeros that end an archive.

        It also stops, without a word, at a header that it cannot read, where other programs go on
        behind it. Read to its last byte, the gzip file is held against its checksum.
        """
        if len(self._last) < _BLOCK_BYTES:
            raise UnsafeArchive("it ends too soon")
        self.allow(0)
        block = self._last
        while block and not any(block):
            block = self.read(_BLOCK_BYTES)
        if block:
            raise UnsafeArchive("it goes on behind its end, or is damaged")
