"""Makes a dataset of a folder: inspects, settles duplicates, splits, names."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dataset import identity
from dataset.errors import DatasetError
from dataset.folder import Candidate, Folder
from dataset.labelled import LabelledImage, settle_duplicates
from dataset.parallel import inspect_files
from dataset.rules import DUPLICATE, Rejection
from dataset.split import MIN_IMAGES_PER_CLASS, Split, check_fraction, validation_part


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A folder's usable images, labelled and split, and the files it cannot use."""

    root: Path
    classes: tuple[str, ...]
    parts: Mapping[Split, Sequence[LabelledImage]]
    """Each part by content hash, so that a stream of it mixes the classes."""
    rejections: tuple[Rejection, ...]
    """Files that break a rule, by name."""
    duplicates: tuple[Rejection, ...]
    """Further copies, by name, of images that are in the dataset."""
    validation_fraction: float
    seed: int

    @cached_property
    def digest(self) -> str:
        return identity.digest(self.classes, [(split, self.parts[split]) for split in Split])

    @property
    def id(self) -> str:
        return self.digest[: identity.ID_DIGITS]

    @cached_property
    def images(self) -> tuple[LabelledImage, ...]:
        """All images by content hash."""
        return tuple(sorted(image for part in self.parts.values() for image in part))

    def counts(self, split: Split) -> dict[str, int]:
        """Images of each class, in label order."""
        counted = Counter(image.label for image in self.parts[split])
        return {name: counted[label] for label, name in enumerate(self.classes)}


def assemble(
    folder: Folder,
    *,
    validation_fraction: float,
    seed: int,
    verify: bool = False,
    on_file: Callable[[], object] = lambda: None,
) -> Dataset:
    """The dataset in a folder. `on_file` is called after each file.

    Raises DatasetError when the fraction is out of range or a class has too few usable images.
    """
    check_fraction(validation_fraction)
    accepted, rejections = _inspect(folder, verify, on_file)
    images, aside = settle_duplicates(accepted, folder.classes)
    duplicates = [rejection for rejection in aside if rejection.rule == DUPLICATE.name]
    rejections += [rejection for rejection in aside if rejection.rule != DUPLICATE.name]
    _check_classes(folder, images, rejections)
    return Dataset(
        root=folder.root,
        classes=folder.classes,
        parts=_split(images, len(folder.classes), validation_fraction, seed),
        rejections=tuple(sorted(rejections, key=lambda rejection: rejection.file)),
        duplicates=tuple(sorted(duplicates, key=lambda rejection: rejection.file)),
        validation_fraction=validation_fraction,
        seed=seed,
    )


def _inspect(
    folder: Folder, verify: bool, on_file: Callable[[], object]
) -> tuple[list[LabelledImage], list[Rejection]]:
    accepted: list[LabelledImage] = []
    rejections: list[Rejection] = []

    def candidates() -> Iterator[Candidate]:
        for file in folder.files():
            if isinstance(file, Candidate):
                yield file
            else:
                rejections.append(file)
                on_file()

    for candidate, outcome in inspect_files(candidates(), verify=verify):
        if isinstance(outcome, Rejection):
            rejections.append(outcome)
        else:
            accepted.append(
                LabelledImage(
                    outcome.sha256,
                    candidate.label,
                    candidate.file,
                    outcome.size_bytes,
                    outcome.format,
                )
            )
        on_file()
    return accepted, rejections


def _check_classes(
    folder: Folder, images: Sequence[LabelledImage], rejections: Sequence[Rejection]
) -> None:
    usable = Counter(image.label for image in images)
    for label, (name, subfolder) in enumerate(zip(folder.classes, folder.subfolders, strict=True)):
        if usable[label] < MIN_IMAGES_PER_CLASS:
            rejected = [entry for entry in rejections if entry.file.startswith(f"{subfolder}/")]
            first = f", the first: {rejected[0]}" if rejected else ""
            raise DatasetError(
                f"{folder.root / subfolder}: class {name} has {usable[label]} usable "
                f"image{'' if usable[label] == 1 else 's'} "
                f"(at least {MIN_IMAGES_PER_CLASS} needed; {len(rejected)} rejected{first}); "
                "add images or remove the subfolder"
            )


def _split(
    images: Sequence[LabelledImage], classes: int, validation_fraction: float, seed: int
) -> dict[Split, list[LabelledImage]]:
    digests: list[list[bytes]] = [[] for _ in range(classes)]
    for image in images:
        digests[image.label].append(image.sha256)
    held_back: set[bytes] = set()
    for of_class in digests:
        held_back |= validation_part(of_class, validation_fraction=validation_fraction, seed=seed)
    parts: dict[Split, list[LabelledImage]] = {split: [] for split in Split}
    for image in images:
        part = Split.VALIDATION if image.sha256 in held_back else Split.TRAIN
        parts[part].append(image)
    return parts
