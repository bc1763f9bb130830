"""model.tar.gz: equal content, equal bytes; nothing lands outside of its directory."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from local.instance.archive import UnsafeArchive, extract, pack

LIMIT = 10_000


def write_tree(directory: Path) -> None:
    (directory / "deep").mkdir(parents=True)
    (directory / "b.txt").write_bytes(b"b" * 100)
    (directory / "deep" / "a.txt").write_bytes(b"a")


def test_a_directory_survives_packing_and_extracting(tmp_path: Path) -> None:
    write_tree(tmp_path / "model")
    pack(tmp_path / "model", tmp_path / "model.tar.gz")
    target = tmp_path / "target"
    target.mkdir()
    extract(tmp_path / "model.tar.gz", target, LIMIT)
    found = {str(each.relative_to(target)): each.read_bytes() for each in target.rglob("*.txt")}
    assert found == {"b.txt": b"b" * 100, "deep/a.txt": b"a"}


def test_packing_depends_on_content_alone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_tree(tmp_path / name)
        pack(tmp_path / name, tmp_path / f"{name}.tar.gz")
        os.utime(tmp_path / "one" / "b.txt", (1, 1))
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()


def member(name: str, **changes: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for attribute, value in changes.items():
        setattr(info, attribute, value)
    return info


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
    archive, target = tmp_path / "evil.tar.gz", tmp_path / "in" / "target"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(bad, io.BytesIO(bytes(bad.size)))
    target.mkdir(parents=True)
    with pytest.raises(UnsafeArchive):
        extract(archive, target, LIMIT)
    assert list(target.iterdir()) == []
    assert list((tmp_path / "in").iterdir()) == [target]


def test_a_member_of_less_than_nothing_is_refused(tmp_path: Path) -> None:
    """Behind it the same header would be read again, without an end."""
    archive = tmp_path / "a.tar.gz"
    header = member("hole", size=-tarfile.BLOCKSIZE).tobuf(tarfile.GNU_FORMAT)
    archive.write_bytes(gzip.compress(member("a").tobuf() + header + bytes(1024)))
    with pytest.raises(UnsafeArchive, match="less than no bytes"):
        extract(archive, tmp_path, LIMIT)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(UnsafeArchive, match="not a gzip-compressed tar"):
        extract(tmp_path / "a.tar.gz", tmp_path, LIMIT)


def test_an_archive_is_judged_alike_by_a_python_without_extraction_filters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before 3.11.4 `tarfile` has none."""
    for name in ("FilterError", "data_filter"):
        monkeypatch.delattr(tarfile, name, raising=False)
    (tmp_path / "broken.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(UnsafeArchive, match="not a gzip-compressed tar"):
        extract(tmp_path / "broken.tar.gz", tmp_path, LIMIT)


def test_a_program_stays_executable_and_gets_no_other_right(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("code/run.sh")
        member.mode, member.size = 0o6777, 2
        tar.addfile(member, io.BytesIO(b"#!"))
    extract(tmp_path / "model.tar.gz", tmp_path / "target", LIMIT)
    program = tmp_path / "target" / "code" / "run.sh"
    assert program.read_bytes() == b"#!"
    assert program.stat().st_mode & 0o7777 == 0o755
