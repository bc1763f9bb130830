"""The demo's photos must be good, and its bad files bad, in every run."""

from pathlib import Path

from dataset.assembly import assemble
from dataset.folder import open_folder
from examples.digits import CLASSES, write


def test_the_demo_has_1797_good_photos_and_three_bad_files(tmp_path: Path) -> None:
    assert write(tmp_path) == 1800
    dataset = assemble(open_folder(tmp_path), validation_fraction=0.2, seed=0, verify=True)
    assert dataset.classes == CLASSES
    assert len(dataset.images) == 1797
    assert dataset.duplicates == ()
    assert [(entry.file, entry.rule) for entry in dataset.rejections] == [
        ("0/too-small.png", "side"),
        ("1/notes.jpg", "format"),
        ("2/half-copied.jpg", "truncated"),
    ]


def test_writing_the_photos_again_writes_only_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path)
    photo = tmp_path / "0/0000.png"
    content = photo.read_bytes()
    photo.unlink()
    (tmp_path / "3/0003.png").write_bytes(b"half")
    assert write(tmp_path) == 2
    assert photo.read_bytes() == content
    assert write(tmp_path) == 0
