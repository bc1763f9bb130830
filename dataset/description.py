"""dataset.json: what a dataset is, for people and for the verbs that come after prepare."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from dataset.assembly import Dataset
from dataset.errors import DatasetError
from dataset.rules import printable
from dataset.split import Split


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What became of the files of the source."""

    files: int
    accepted: int
    accepted_bytes: int
    duplicates: int
    rejected: Mapping[str, int]
    """Files by the rule they break."""
    verified: bool
    """Whether every pixel was decoded."""


@dataclass(frozen=True, kw_only=True)
class Description:
    id: str
    digest: str
    """The whole SHA-256 of which `id` is the beginning."""
    classes: tuple[str, ...]
    """In label order."""
    counts: Mapping[str, Mapping[str, int]]
    """Images per split and class."""
    inspection: Inspection
    source: Mapping[str, str]
    validation_fraction: float
    seed: int
    grouping: str | None
    """How images that belong together were kept in one split; None: each image stands alone."""

    def __post_init__(self) -> None:
        for split in Split:
            if list(self.counts[split]) != list(self.classes) or self.total(split) < 1:
                raise ValueError(f"counts of {split} do not count the classes in label order")

    @classmethod
    def of(cls, dataset: Dataset, *, verified: bool) -> Self:
        images = dataset.images
        return cls(
            id=dataset.id,
            digest=dataset.digest,
            classes=dataset.classes,
            counts={split.value: dataset.counts(split) for split in Split},
            inspection=Inspection(
                files=len(images) + len(dataset.duplicates) + len(dataset.rejections),
                accepted=len(images),
                accepted_bytes=sum(image.size_bytes for image in images),
                duplicates=len(dataset.duplicates),
                rejected=dict(sorted(Counter(entry.rule for entry in dataset.rejections).items())),
                verified=verified,
            ),
            # The name only: a path would tell where somebody keeps files.
            source={"kind": "folder", "name": printable(dataset.root.name)},
            validation_fraction=dataset.validation_fraction,
            seed=dataset.seed,
            grouping=None,
        )

    def total(self, split: Split) -> int:
        """Images of a split, for example the `num_training_samples` of a training job."""
        return sum(self.counts[split].values())

    def to_json(self) -> bytes:
        return (json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Raises DatasetError when the text is no description of a dataset."""
        try:
            document: dict[str, Any] = json.loads(text)
            inspection = Inspection(**document.pop("inspection"))
            classes = tuple(document.pop("classes"))
            return cls(inspection=inspection, classes=classes, **document)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DatasetError(
                f"dataset.json is not a dataset's description ({error}); prepare the dataset again"
            ) from error
