import json
from pathlib import Path
from typing import Any

import pytest

from dataset.assembly import assemble
from dataset.description import Description
from dataset.errors import DatasetError
from dataset.folder import open_folder
from dataset.split import Split
from tests.unit.dataset.photos import any_png, two_classes, write_folder


@pytest.fixture
def description(tmp_path: Path) -> Description:
    root = two_classes(tmp_path / "pets", each=5)
    write_folder(root, {"cat/notes.txt": b"notes", "dog/copy.png": any_png(1000), "a": b""})
    dataset = assemble(open_folder(root), validation_fraction=0.2, seed=3)
    return Description.of(dataset, verified=False)


def test_it_says_what_became_of_every_file(description: Description) -> None:
    inspection = description.inspection
    assert inspection.files == 13
    assert inspection.accepted == 10
    assert inspection.duplicates == 1
    assert inspection.rejected == {"format": 1, "no-class": 1}
    assert inspection.files == (
        inspection.accepted + inspection.duplicates + sum(inspection.rejected.values())
    )


def test_it_counts_classes_in_label_order(description: Description) -> None:
    assert description.counts == {"train": {"cat": 4, "dog": 4}, "validation": {"cat": 1, "dog": 1}}
    assert description.total(Split.TRAIN) == 8
    assert list(description.counts["train"]) == list(description.classes)


def test_it_names_its_source_and_not_where_somebody_keeps_it(description: Description) -> None:
    assert description.source == {"kind": "folder", "name": "pets"}
    assert (description.seed, description.validation_fraction, description.grouping) == (
        3,
        0.2,
        None,
    )
    assert b"/" not in description.to_json()


def test_it_reads_what_it_writes(description: Description) -> None:
    assert Description.from_json(description.to_json()) == description


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ["dog", "cat"]},
        {"classes": ["cat"]},
        {"counts": {"train": {"cat": 4, "dog": 4}}},
        {"counts": {"train": {"cat": 0, "dog": 0}, "validation": {"cat": 1, "dog": 1}}},
        {"counts": "many"},
        {"inspection": None},
        {"unheard_of": 1},
    ],
)
def test_a_document_that_is_no_description_is_refused(
    description: Description, change: dict[str, Any]
) -> None:
    document = json.loads(description.to_json()) | change
    with pytest.raises(DatasetError, match=r"dataset\.json is not a dataset's description"):
        Description.from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "{"])
def test_a_text_that_is_no_description_is_refused(text: str) -> None:
    with pytest.raises(DatasetError, match="prepare the dataset again"):
        Description.from_json(text)
