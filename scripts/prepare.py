"""`darkroom prepare`: a folder of labelled photos becomes a dataset in the environment's bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from config.environments import environment
from dataset.assembly import Dataset, assemble
from dataset.description import Description
from dataset.errors import DatasetError
from dataset.folder import Folder, open_folder
from dataset.layout import Layout
from dataset.rules import Rejection
from dataset.split import Split, check_fraction
from scripts import console, options
from scripts.bucket import Bucket
from scripts.datasets.documents import put_documents
from scripts.datasets.upload import missing_images, upload_images
from scripts.errors import Refused
from scripts.outputs import stack_outputs
from scripts.session import Session, open_session

_REJECTIONS_SHOWN: Final = 20


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A dataset that is complete in its bucket, and what it took to get it there."""

    bucket: str
    description: Description
    rejections: Sequence[Rejection]
    duplicates: Sequence[Rejection]
    uploaded_images: int
    uploaded_bytes: int
    reused_images: int

    @property
    def dataset_id(self) -> str:
        return self.description.id

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{Layout(self.dataset_id).prefix}/"


def prepare(
    session: Session,
    path: Path,
    *,
    validation_fraction: float = 0.2,
    seed: int = 0,
    verify: bool = False,
) -> Prepared:
    """Inspect, split and upload a folder. The same content gives the same dataset, uploaded once.

    May be interrupted anywhere and repeated: the bucket holds a complete dataset or one without
    its dataset.json, which the next run completes. Raises Refused.
    """
    try:
        check_fraction(validation_fraction)
        folder = open_folder(path)
        session.check_account()
        bucket = Bucket(session, stack_outputs(session).datasets_bucket)
        dataset = _inspect(
            folder, validation_fraction=validation_fraction, seed=seed, verify=verify
        )
        return _store(bucket, dataset, Description.of(dataset, verified=verify))
    except DatasetError as error:
        raise Refused(str(error)) from error


def _inspect(folder: Folder, *, validation_fraction: float, seed: int, verify: bool) -> Dataset:
    with console.count_progress() as progress:
        task = progress.add_task("inspecting", total=folder.count())
        return assemble(
            folder,
            validation_fraction=validation_fraction,
            seed=seed,
            verify=verify,
            on_file=lambda: progress.advance(task),
        )


def _store(bucket: Bucket, dataset: Dataset, description: Description) -> Prepared:
    layout = Layout(dataset.id)
    uploaded_images = uploaded_bytes = 0
    if not _is_complete(bucket, layout, description):
        missing = missing_images(bucket, layout, dataset.images)
        uploaded_images = len(missing)
        uploaded_bytes = sum(image.size_bytes for image in missing)
        with console.byte_progress() as progress:
            task = progress.add_task("uploading", total=uploaded_bytes)
            images = upload_images(bucket, layout, dataset.root, missing)
            for number, image in enumerate(images, start=1):
                words = f"uploading {number:,} of {uploaded_images:,} images"
                progress.update(task, advance=image.size_bytes, description=words)
        put_documents(bucket, layout, dataset, description)
    return Prepared(
        bucket=bucket.name,
        description=description,
        rejections=dataset.rejections,
        duplicates=dataset.duplicates,
        uploaded_images=uploaded_images,
        uploaded_bytes=uploaded_bytes,
        reused_images=len(dataset.images) - uploaded_images,
    )


def _is_complete(bucket: Bucket, layout: Layout, description: Description) -> bool:
    """Whether this very dataset is in the bucket: its dataset.json is written last."""
    stored = bucket.read(layout.description)
    if stored is None:
        return False
    try:
        digest = Description.from_json(stored).digest
    except DatasetError:  # damaged: written again, last, like one that was never finished
        return False
    if digest != description.digest:
        raise Refused(
            f"s3://{bucket.name}/{layout.description} describes another dataset "
            f"({digest[:24]}..., expected {description.digest[:24]}...); remove that prefix"
        )
    return True


@click.command("prepare")
@click.argument("folder", type=click.Path(path_type=Path))
@options.environment
@click.option(
    "--validation-fraction",
    type=float,
    default=0.2,
    show_default=True,
    help="Part of each class held back for validation.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses another split.")
@click.option("--verify", is_flag=True, help="Decode every pixel as well (slower).")
@options.as_json
def command(
    folder: Path,
    environment_name: str,
    validation_fraction: float,
    seed: int,
    verify: bool,
    as_json: bool,
) -> None:
    """Make a dataset of FOLDER, which holds one subfolder of PNG or JPEG files a class.

    Files that break a rule are named and left out; names that begin with a dot are ignored. The
    same content, labels and split make the same dataset, which is uploaded once.
    """
    prepared = prepare(
        open_session(environment(environment_name)),
        folder,
        validation_fraction=validation_fraction,
        seed=seed,
        verify=verify,
    )
    _say(prepared.rejections, "files rejected")
    _say(prepared.duplicates, "further copies of images that are used once")
    console.result(_document(prepared) if as_json else _summary(prepared), as_json=as_json)
    console.next_step(f"darkroom train --env {environment_name} --dataset {prepared.dataset_id}")


def _say(rejections: Sequence[Rejection], what: str) -> None:
    if not rejections:
        return
    console.say(f"{len(rejections):,} {what}:")
    for rejection in rejections[:_REJECTIONS_SHOWN]:
        console.say(f"  {rejection}")
    if len(rejections) > _REJECTIONS_SHOWN:
        more = len(rejections) - _REJECTIONS_SHOWN
        console.say(f"  and {more:,} more, all of them in the dataset's rejected.jsonl")


def _document(prepared: Prepared) -> dict[str, object]:
    description = prepared.description
    return {
        "dataset_id": prepared.dataset_id,
        "uri": prepared.uri,
        "classes": list(description.classes),
        "counts": description.counts,
        "rejected": [rejection.document() for rejection in prepared.rejections],
        "duplicates": [rejection.document() for rejection in prepared.duplicates],
        "uploaded_images": prepared.uploaded_images,
        "uploaded_bytes": prepared.uploaded_bytes,
        "reused_images": prepared.reused_images,
    }


def _summary(prepared: Prepared) -> dict[str, str]:
    description = prepared.description
    classes = ", ".join(description.classes[:10])
    more = ", ..." if len(description.classes) > 10 else ""
    return {
        "dataset": prepared.dataset_id,
        "uri": prepared.uri,
        "classes": f"{len(description.classes):,} ({classes}{more})",
        **{split.value: _spread(description, split) for split in Split},
        "rejected": f"{len(prepared.rejections):,} files",
        "duplicates": f"{len(prepared.duplicates):,} files",
        "uploaded": f"{prepared.uploaded_images:,} images ({prepared.uploaded_bytes:,} bytes)",
        "reused": f"{prepared.reused_images:,} images",
    }


def _spread(description: Description, split: Split) -> str:
    counts = description.counts[split].values()
    return f"{sum(counts):,} images ({min(counts):,} to {max(counts):,} a class)"
