import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from dataset import rules
from dataset.errors import DatasetError
from dataset.folder import Candidate, open_folder
from dataset.rules import Rejection, printable
from tests.unit.dataset.photos import any_png, two_classes, write_folder


def rejected(root: Path) -> dict[str, str]:
    found = open_folder(root).files()
    return {entry.file: entry.rule for entry in found if isinstance(entry, Rejection)}


def candidates(root: Path) -> dict[str, int]:
    found = open_folder(root).files()
    return {entry.file: entry.label for entry in found if isinstance(entry, Candidate)}


def test_labels_follow_the_sorted_class_names(tmp_path: Path) -> None:
    write_folder(tmp_path, {f"{name}/1.png": b"" for name in ("b", "a", "B", "ä", "10", "9")})
    folder = open_folder(tmp_path)
    assert folder.classes == ("10", "9", "B", "a", "b", "ä")
    assert candidates(tmp_path) == {
        f"{name}/1.png": label for label, name in enumerate(folder.classes)
    }
    assert folder.count() == 6


def test_a_class_name_is_the_same_whichever_unicode_form_the_disk_has_it_in(
    tmp_path: Path,
) -> None:
    for form in ("NFC", "NFD"):
        name = unicodedata.normalize("NFD" if form == "NFD" else "NFC", "café")
        write_folder(tmp_path / form, {f"{name}/1.png": b"", "tea/1.png": b""})
    composed, decomposed = open_folder(tmp_path / "NFC"), open_folder(tmp_path / "NFD")
    assert composed.classes == decomposed.classes
    assert composed.subfolders != decomposed.subfolders
    assert len(list(decomposed.files())) == 2


def test_two_subfolders_that_are_one_class_are_refused(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        (tmp_path / unicodedata.normalize(form, "café")).mkdir()
    with pytest.raises(DatasetError, match="two subfolders are the same class"):
        open_folder(tmp_path)


def test_hidden_names_are_ignored(tmp_path: Path) -> None:
    two_classes(tmp_path, each=1)
    write_folder(tmp_path, {".git/1.png": b"", ".DS_Store": b"", "cat/._0.png": b""})
    assert open_folder(tmp_path).classes == ("cat", "dog")
    assert sorted(candidates(tmp_path)) == ["cat/0.png", "dog/0.png"]
    assert rejected(tmp_path) == {}


def test_files_in_the_wrong_place_are_named(tmp_path: Path) -> None:
    two_classes(tmp_path, each=1)
    write_folder(tmp_path, {"README.txt": b"hello", "cat/kittens/1.png": any_png()})
    assert rejected(tmp_path) == {
        "README.txt": rules.NO_CLASS.name,
        "cat/kittens": rules.NESTED_FOLDER.name,
    }


def test_a_link_counts_only_when_it_leads_to_a_file_inside_the_folder(tmp_path: Path) -> None:
    root = two_classes(tmp_path / "photos", each=1)
    outside = write_folder(tmp_path, {"outside/secret.png": any_png()}) / "outside"
    (root / "cat/inside.png").symlink_to("../dog/0.png")
    (root / "cat/outside.png").symlink_to(outside / "secret.png")
    (root / "cat/up.png").symlink_to("../../outside/secret.png")
    (root / "cat/broken.png").symlink_to("nowhere.png")
    (root / "cat/loop.png").symlink_to("loop.png")
    (root / "whales").symlink_to(outside)
    assert rejected(root) == {
        "cat/outside.png": rules.OUTSIDE_FOLDER.name,
        "cat/up.png": rules.OUTSIDE_FOLDER.name,
        "cat/broken.png": rules.UNREADABLE.name,
        "cat/loop.png": rules.UNREADABLE.name,
        "whales": rules.OUTSIDE_FOLDER.name,
    }
    assert "cat/inside.png" in candidates(root)
    assert "whales" not in open_folder(root).classes


def test_a_folder_reached_through_a_link_is_read(tmp_path: Path) -> None:
    two_classes(tmp_path / "photos", each=1)
    (tmp_path / "link").symlink_to("photos")
    assert len(candidates(tmp_path / "link")) == 2


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({}, "no classes .0 subfolders, at least 2 needed."),
        ({"1.png": b""}, "no classes"),
        ({"cat/1.png": b"", "2.png": b""}, "only one class .cat; at least 2 needed."),
        ({"cat/1.png": b"", " dog/1.png": b""}, "a class name may hold printable characters"),
        ({"cat/1.png": b"", "do\ng/1.png": b""}, r"do\\ng: a class name may hold printable"),
    ],
)
def test_a_folder_without_two_classes_is_refused(
    tmp_path: Path, files: dict[str, bytes], text: str
) -> None:
    write_folder(tmp_path, files)
    with pytest.raises(DatasetError, match=text) as caught:
        open_folder(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="absent: no such folder"):
        open_folder(tmp_path / "absent")
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="file: not a folder"):
        open_folder(tmp_path / "file")


def test_a_folder_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    two_classes(tmp_path, each=1)
    (tmp_path / "cat").chmod(0)
    program = (
        "import os, sys; from pathlib import Path; from dataset.folder import open_folder\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: open_folder(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(0o755)
    finished = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert finished.stdout.startswith(f"DatasetError {tmp_path}/cat: cannot be read")


def test_names_that_would_harm_a_terminal_or_json_are_spelled_out(tmp_path: Path) -> None:
    two_classes(tmp_path, each=1)
    harmful = b"cat/\x1b[31m\n\xff.txt"
    with open(os.fsencode(tmp_path) + b"/" + harmful, "wb"):  # noqa: PTH123 - a name in bytes
        pass
    names = [printable(file) for file in candidates(tmp_path)]
    assert r"cat/\x1b[31m\n\xff.txt" in names
    assert all(json.loads(json.dumps(name)).isprintable() for name in names)
