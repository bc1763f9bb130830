"""model.tar.gz: packed the same way every time, extracted without trusting it."""

import gzip
import io
import shutil
import tarfile
from pathlib import Path, PurePosixPath

# Weights hardly compress; level 1 packs them four times as fast as the default.
COMPRESSION_LEVEL = 1


class UnsafeArchive(Exception):
    """An archive that is not a tar.gz, or that would write where or as much as it must not."""


def pack(directory: Path, archive: Path) -> None:
    """Every regular file below `directory`; equal content gives equal bytes."""
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", COMPRESSION_LEVEL, raw, mtime=0) as compressed,
        io.BufferedWriter(compressed, 1024 * 1024) as buffered,
        tarfile.open(fileobj=buffered, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(directory.rglob("*")):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                continue
            member = tar.gettarinfo(path, str(path.relative_to(directory)))
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mtime = 0
            member.mode = 0o755 if path.is_dir() else 0o644
            if path.is_dir():
                tar.addfile(member)
                continue
            with path.open("rb") as file:
                tar.addfile(member, file)


def extract(archive: Path, directory: Path, limit_bytes: int) -> None:
    """Regular files and directories only, below `directory` only, `limit_bytes` in all.

    Raises UnsafeArchive naming the member that breaks a rule.
    """
    total = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                if member.size < 0:  # the format has a notation for it: a step back, for ever
                    raise UnsafeArchive(f"member {member.name!r} has less than no bytes")
                total += member.size
                if total > limit_bytes:
                    raise UnsafeArchive(f"it unpacks to more than {limit_bytes} bytes")
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts:
                    raise UnsafeArchive(f"member {member.name!r} leads out of the archive")
                if not (member.isfile() or member.isdir()):
                    raise UnsafeArchive(f"member {member.name!r} is a link or a special file")
                _write(tar, member, directory / path)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UnsafeArchive(f"it is not a gzip-compressed tar archive: {error}") from error


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Without `tarfile`'s own filters, which Python has from 3.11.4 on only.

    Nothing but regular files and directories was written before, so no link leads elsewhere. Of
    the mode only the owner's permission to execute is taken over.
    """
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    assert content is not None  # noqa: S101 - narrows the type; a regular file has content
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
    if member.mode & 0o100:
        target.chmod(0o755)
