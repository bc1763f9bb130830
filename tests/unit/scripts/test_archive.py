"""An archive is looked into and unpacked without trusting it."""

import errno
import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from scripts.archive import LIMIT_BYTES, LIMIT_MEMBERS, UnsafeArchive, unpack, visit

LIMIT = 10_000_000


def written(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return path


def names_in(archive: Path, limit_bytes: int = LIMIT_BYTES) -> list[str]:
    names: list[str] = []
    visit(archive, lambda name, _: names.append(str(name)), limit_bytes)
    return names


def member(name: str, **different: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for attribute, value in different.items():
        setattr(info, attribute, value)
    return info


def test_plain_files_and_folders_come_out_as_they_went_in(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(member(".", type=tarfile.DIRTYPE))
        for name, content in (("./weights", b"w" * 3_000_000), ("code/inference.py", b"pass")):
            tar.addfile(member(name, size=len(content)), io.BytesIO(content))
    target = tmp_path / "target"
    target.mkdir()
    unpack(archive, target)
    assert (target / "weights").read_bytes() == b"w" * 3_000_000
    assert (target / "code" / "inference.py").read_bytes() == b"pass"
    assert names_in(archive) == ["weights", "code/inference.py"]


@pytest.mark.parametrize(
    "bad",
    [
        member("../outside"),
        member("a/../../outside"),
        member("/outside"),
        member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("hard", type=tarfile.LNKTYPE, linkname="../outside"),
        member("device", type=tarfile.CHRTYPE),
        member("fifo", type=tarfile.FIFOTYPE),
        member("huge", size=LIMIT + 1),
    ],
    ids=lambda info: info.name,
)
def test_members_that_are_not_plain_files_inside_are_refused(
    tmp_path: Path, bad: tarfile.TarInfo
) -> None:
    archive = written(tmp_path / "a.tar.gz", bad)
    target = tmp_path / "in" / "target"
    target.mkdir(parents=True)
    with pytest.raises(UnsafeArchive):
        unpack(archive, target, LIMIT)
    assert list(target.iterdir()) == []
    assert {each.name for each in tmp_path.iterdir()} == {"a.tar.gz", "in"}
    assert list((tmp_path / "in").iterdir()) == [target]


def test_a_member_of_less_than_nothing_is_refused(tmp_path: Path) -> None:
    """Its size would be taken off the others', and the next header be looked for before it."""
    header = member("hole", size=-1024).tobuf(tarfile.GNU_FORMAT)
    archive = tmp_path / "a.tar.gz"
    with gzip.open(archive, "wb") as file:
        file.write(header + bytes(1024))
    with pytest.raises(UnsafeArchive):
        names_in(archive)


def test_many_small_files_count_together(tmp_path: Path) -> None:
    archive = written(tmp_path / "a.tar.gz", *(member(f"{n}", size=LIMIT // 4) for n in range(5)))
    with pytest.raises(UnsafeArchive, match="unpacks to more than 10,000,000 bytes"):
        names_in(archive, LIMIT)


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    members = (member(f"{number}") for number in range(LIMIT_MEMBERS + 1))
    with pytest.raises(UnsafeArchive, match="more than 1000 members"):
        names_in(written(tmp_path / "a.tar.gz", *members))


def test_a_header_that_claims_the_earth_is_not_read_into_memory(tmp_path: Path) -> None:
    """`tarfile` reads an extended header in one piece, as long as the archive says it is."""
    claimed = 64 * 1024**2
    header = member("long", type=tarfile.XHDTYPE, size=claimed).tobuf(tarfile.USTAR_FORMAT)
    archive = tmp_path / "a.tar.gz"
    with gzip.open(archive, "wb", compresslevel=1) as file:
        file.write(header)
        file.write(bytes(claimed))
    assert archive.stat().st_size < claimed // 100
    tracemalloc.start()
    try:
        with pytest.raises(UnsafeArchive, match="before, between or behind its members"):
            names_in(archive)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < claimed // 4


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(UnsafeArchive, match=r"it is no tar\.gz"):
        names_in(tmp_path / "a.tar.gz")


def test_an_archive_that_ends_too_soon_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.tar.gz", member("weights", size=1_000_000)).read_bytes()
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(UnsafeArchive, match=r"it is no tar\.gz"):
        unpack(tmp_path / "half.tar.gz", target)


def sound(*members: tuple[str, bytes]) -> bytes:
    """The headers and contents of an archive, without the zeros that end it."""
    parts = []
    for name, content in members:
        header = member(name, size=len(content)).tobuf(tarfile.USTAR_FORMAT)
        parts += [header, content, bytes(-len(content) % tarfile.BLOCKSIZE)]
    return b"".join(parts)


def extended(record: bytes) -> bytes:
    """An extended header, which says something of the member behind it."""
    line = b"%d %s\n" % (len(record) + 4, record)
    header = member("x", type=tarfile.XHDTYPE, size=len(line)).tobuf(tarfile.USTAR_FORMAT)
    return header + line + bytes(-len(line) % tarfile.BLOCKSIZE)


END = bytes(2 * tarfile.BLOCKSIZE)
WEIGHTS = sound(("weights", b"w" * 700))


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        # `tarfile` takes each of the first four for the end; GNU tar goes on behind the first.
        (WEIGHTS + b"\1" * tarfile.BLOCKSIZE + sound(("evil", b"e")) + END, "goes on behind"),
        (WEIGHTS + sound(("more", b"m"))[:100], "ends too soon"),
        (WEIGHTS, "ends too soon"),
        (WEIGHTS + END + sound(("hidden", b"h")) + END, "goes on behind"),
        (WEIGHTS + END + bytes(2 * 1024**2), "behind its members"),
        # What `tarfile` fails at with errors that are not its own.
        (extended(b"comment=xxxxx") * 900 + WEIGHTS + END, r"no tar\.gz"),
        (extended(b"GNU.sparse.map=a,b") + WEIGHTS + END, r"no tar\.gz"),
        (extended(b"path=weights\0.params") + WEIGHTS + END, "a name that no file can have"),
    ],
    ids=["garbage", "half a header", "no end", "two ends", "padding", "depth", "sparse", "zero"],
)
def test_what_other_programs_would_read_in_another_way_is_refused(
    tmp_path: Path, content: bytes, flaw: str
) -> None:
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(content))
    with pytest.raises(UnsafeArchive, match=flaw):
        names_in(tmp_path / "a.tar.gz")


def test_what_fills_up_the_last_record_is_no_harm(tmp_path: Path) -> None:
    """GNU tar writes records of 10 KiB, or as long as it is told."""
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(WEIGHTS + END + bytes(512 * 1024)))
    assert names_in(tmp_path / "a.tar.gz") == ["weights"]


def test_a_checksum_that_is_wrong_is_refused_though_every_member_was_read(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(WEIGHTS + END))
    whole[-5] ^= 1
    (tmp_path / "a.tar.gz").write_bytes(whole)
    with pytest.raises(UnsafeArchive, match="CRC check failed"):
        names_in(tmp_path / "a.tar.gz")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_not_held_against_the_archive(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(WEIGHTS + END))
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "weights").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as full:
        unpack(tmp_path / "a.tar.gz", tmp_path / "target")
    assert full.value.errno == errno.ENOSPC


def test_a_file_where_a_folder_is_needed_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(UnsafeArchive, match="cannot be unpacked"):
        unpack(written(tmp_path / "a.tar.gz", member("a"), member("a/b")), target)
