import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dataset.assembly import Dataset, assemble
from dataset.errors import DatasetError
from dataset.folder import Candidate, open_folder
from dataset.parallel import inspect_files
from dataset.split import Split
from tests.unit.dataset.photos import any_jpeg, any_png, png_of_size, two_classes, write_folder


def dataset_in(
    root: Path, *, validation_fraction: float = 0.25, seed: int = 0, verify: bool = False
) -> Dataset:
    return assemble(
        open_folder(root), validation_fraction=validation_fraction, seed=seed, verify=verify
    )


def files(dataset: Dataset, split: Split) -> set[str]:
    return {image.file for image in dataset.parts[split]}


def test_every_file_is_in_the_dataset_or_named_with_its_rule(tmp_path: Path) -> None:
    root = two_classes(tmp_path)
    write_folder(
        root,
        {
            "cat/small.png": any_png(7, width=20, height=20),
            "cat/notes.jpg": b"notes",
            "dog/half.jpg": any_jpeg(8)[:500],
            "stray.png": any_png(9),
        },
    )
    seen = []
    dataset = assemble(
        open_folder(root), validation_fraction=0.25, seed=0, on_file=lambda: seen.append(1)
    )
    assert [(entry.file, entry.rule, entry.measured) for entry in dataset.rejections] == [
        ("cat/notes.jpg", "format", "text"),
        ("cat/small.png", "side", "20 x 20 pixels"),
        ("dog/half.jpg", "truncated", "ends after 500 bytes without its end marker"),
        ("stray.png", "no-class", "a file beside the class folders"),
    ]
    assert len(dataset.images) == 8
    assert len(seen) == 12


def test_verify_rejects_what_only_decoding_finds(tmp_path: Path) -> None:
    root = write_folder(two_classes(tmp_path), {"cat/hollow.png": png_of_size(64, 64)})
    assert dataset_in(root).rejections == ()
    assert [entry.file for entry in dataset_in(root, verify=True).rejections] == ["cat/hollow.png"]


def test_one_content_under_two_labels_is_rejected_everywhere(tmp_path: Path) -> None:
    root = two_classes(tmp_path)
    same = any_png(99)
    write_folder(root, {"cat/same.png": same, "dog/same.png": same, "dog/again.png": same})
    dataset = dataset_in(root)
    assert [(entry.file, entry.rule) for entry in dataset.rejections] == [
        ("cat/same.png", "conflicting-labels"),
        ("dog/again.png", "conflicting-labels"),
        ("dog/same.png", "conflicting-labels"),
    ]
    assert dataset.rejections[0].measured == (
        "same content in cat and dog: dog/again.png, dog/same.png"
    )
    assert len(dataset.images) == 8


def test_one_content_twice_under_one_label_is_kept_once_and_said(tmp_path: Path) -> None:
    root = two_classes(tmp_path)
    write_folder(root, {"cat/copy.png": any_png(0), "cat/copy 2.png": any_png(0)})
    dataset = dataset_in(root)
    assert dataset.rejections == ()
    assert [(entry.file, entry.measured) for entry in dataset.duplicates] == [
        ("cat/copy 2.png", "same content as cat/0.png"),
        ("cat/copy.png", "same content as cat/0.png"),
    ]
    assert len(dataset.images) == 8


@pytest.mark.parametrize(
    ("each", "fraction", "held_back"),
    [(2, 0.01, 1), (2, 0.99, 1), (4, 0.25, 1), (10, 0.25, 3), (10, 0.2, 2), (3, 0.9, 2)],
)
def test_each_class_is_divided_by_the_fraction_and_present_on_both_sides(
    tmp_path: Path, each: int, fraction: float, held_back: int
) -> None:
    dataset = dataset_in(two_classes(tmp_path, each=each), validation_fraction=fraction)
    assert dataset.counts(Split.VALIDATION) == {"cat": held_back, "dog": held_back}
    assert dataset.counts(Split.TRAIN) == {"cat": each - held_back, "dog": each - held_back}
    assert not files(dataset, Split.TRAIN) & files(dataset, Split.VALIDATION)


def test_the_split_and_the_id_depend_on_content_alone(tmp_path: Path) -> None:
    first = dataset_in(two_classes(tmp_path / "first", each=10))
    moved = tmp_path / "elsewhere" / "second"
    for number in reversed(range(10)):
        write_folder(
            moved,
            {
                f"dog/renamed {9 - number}.jpg": any_png(1000 + number),
                f"cat/renamed {9 - number}.jpg": any_png(number),
            },
        )
    second = dataset_in(moved)
    assert first.id == second.id
    for split in Split:
        assert [image.sha256 for image in first.parts[split]] == [
            image.sha256 for image in second.parts[split]
        ]


def test_rejected_files_and_further_copies_do_not_change_the_id(tmp_path: Path) -> None:
    root = two_classes(tmp_path)
    before = dataset_in(root).id
    write_folder(root, {"cat/notes.txt": b"notes", "dog/copy.png": any_png(1000)})
    assert dataset_in(root).id == before


def test_another_content_label_class_name_or_split_is_another_dataset(tmp_path: Path) -> None:
    root = two_classes(tmp_path / "photos", each=8)
    ids = [dataset_in(root).id, dataset_in(root, seed=1).id]
    ids.append(dataset_in(root, validation_fraction=0.5).id)
    write_folder(root, {"cat/more.png": any_png(50)})
    ids.append(dataset_in(root).id)
    (root / "cat/more.png").rename(root / "dog/more.png")
    ids.append(dataset_in(root).id)
    (root / "dog").rename(root / "hound")
    ids.append(dataset_in(root).id)
    assert len(set(ids)) == 6


def test_the_id_of_a_known_dataset_never_changes(tmp_path: Path) -> None:
    # Stored datasets are found by it: a change of the scheme orphans every one of them.
    files = {
        f"{name}/{n}.png": png_of_size(64 + n, 64 + label)
        for label, name in enumerate("ab")
        for n in range(3)
    }
    assert dataset_in(write_folder(tmp_path, files)).id == "128d84d6cfc058a9"


def test_the_images_of_a_part_mix_the_classes(tmp_path: Path) -> None:
    dataset = dataset_in(two_classes(tmp_path, each=12))
    labels = [image.label for image in dataset.parts[Split.TRAIN]]
    assert labels not in (sorted(labels), sorted(labels, reverse=True))


def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    root = two_classes(tmp_path, each=70)
    write_folder(root, {"cat/notes.jpg": b"notes"})
    candidates = [entry for entry in open_folder(root).files() if isinstance(entry, Candidate)]
    alone = sorted(inspect_files(candidates, processes=1))
    assert alone == sorted(inspect_files(candidates, processes=3))
    assert len(alone) == 141


def test_a_class_with_fewer_than_two_usable_images_is_refused_and_named(tmp_path: Path) -> None:
    root = write_folder(two_classes(tmp_path), {"owl/1.png": any_png(5), "owl/2.jpg": b"notes"})
    with pytest.raises(DatasetError) as caught:
        dataset_in(root)
    text = str(caught.value)
    assert f"{root}/owl: class owl has 1 usable image (at least 2 needed; 1 rejected" in text
    assert "owl/2.jpg: format: text" in text
    shutil.rmtree(root / "owl")
    (root / "owl").mkdir()
    with pytest.raises(DatasetError, match="class owl has 0 usable images"):
        dataset_in(root)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_a_validation_fraction_that_leaves_one_side_empty_is_refused(
    tmp_path: Path, fraction: float
) -> None:
    with pytest.raises(DatasetError, match="is not between 0 and 1"):
        dataset_in(two_classes(tmp_path), validation_fraction=fraction)


def test_the_inspecting_processes_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    root = two_classes(tmp_path / "photos", each=2)
    program = tmp_path / "parent.py"
    program.write_text(
        "import os, signal, sys\n"
        "from itertools import cycle\n"
        "from multiprocessing import active_children\n"
        "from pathlib import Path\n"
        "from dataset.folder import open_folder\n"
        "from dataset.parallel import inspect_files\n"
        "if __name__ == '__main__':\n"
        "    endless = cycle(list(open_folder(Path(sys.argv[1])).files()))\n"
        "    inspected = inspect_files(endless, processes=3)\n"
        "    next(inspected)\n"
        "    print(*(child.pid for child in active_children()), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with subprocess.Popen(
        [sys.executable, str(program), str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
    ) as parent:
        assert parent.stdout is not None
        # The children hold the pipe too: it ends when the last of them has.
        output = parent.stdout.read()
    assert len(output.split()) == 2
