"""A data channel: an augmented manifest streamed as RecordIO through one FIFO an epoch (A.2.3)."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from algorithm.failure import ClientError
from algorithm.layout import Layout
from algorithm.training.recordio import RecordError, records
from algorithm.training.stop import Stop

NAMES = ("train", "validation")
CONTENT_TYPE = "application/x-recordio"

# The platform makes the FIFO of an epoch when it gets to it.
_POLL_SECONDS = 0.02

_LABEL = re.compile(rb'"?(-?[0-9]{1,9})(?:\.0+)?"?')


@dataclass(frozen=True)
class Sample:
    """One line of the manifest: the image's bytes and the index of its class."""

    number: int
    "Counted from 1 in the order of the stream."
    image: bytes
    label: int


@dataclass(frozen=True)
class Channel:
    """One of the channels in NAMES."""

    name: str
    layout: Layout
    num_classes: int

    def samples(self, epoch: int, stop: Stop) -> Iterator[Sample]:
        """The samples of an epoch, counted from 0, as they arrive.

        Raises ClientError for a stream that is not one of image and label in turns.
        """
        with self._open(epoch, stop) as stream:
            number = 0
            unread = iter(records(stream))
            try:
                for image in unread:
                    number += 1
                    yield Sample(number, image, self._label(next(unread, None), number))
            except RecordError:
                # A.10; the platform appends the exit code.
                raise ClientError(
                    "Unable to parse record. Please make sure input data is in correct recordio "
                    "format.",
                    exit_code=2,
                ) from None
        if number == 0:
            raise ClientError(
                "Got empty batch from pipe. Please check if the manifest file contains valid "
                "batches and the value of training job parameter AttributeNames matches "
                "attributes names in the augmented manifest."
            )

    def _open(self, epoch: int, stop: Stop) -> BinaryIO:
        path = self.layout.pipe(self.name, epoch)
        while True:
            stop.raise_if_requested()
            try:
                return path.open("rb", buffering=1 << 20)
            except FileNotFoundError:
                time.sleep(_POLL_SECONDS)

    def _label(self, record: bytes | None, number: int) -> int:
        where = f"of image {number} in channel {self.name}"
        if record is None:
            raise ClientError(
                f"The label {where} is missing. AttributeNames must name the image first and the "
                "label second."
            )
        found = _LABEL.fullmatch(record.strip())
        if found is None:
            raise ClientError(
                f"The label {where} is {_shown(record)}, but it must be the index of a class. "
                "AttributeNames must name the image first and the label second."
            )
        label = int(found[1])
        if not 0 <= label < self.num_classes:
            raise ClientError(
                f"The label {where} is {label}, but with num_classes={self.num_classes} labels "
                f"are 0 to {self.num_classes - 1}."
            )
        return label


def check_channels(configured: Mapping[str, Mapping[str, str]]) -> None:
    """Raise ClientError unless inputdataconfig.json has the channels that this image can read."""
    for name in NAMES:
        if name not in configured:
            raise ClientError(
                f"Channel {name} is missing. This image needs the channels train and validation."
            )
    for name, settings in configured.items():
        if name not in NAMES:
            raise ClientError(
                f"Channel {name} is not supported by this image. Its channels are train and "
                "validation."
            )
        _check_settings(name, settings)


def _check_settings(name: str, settings: Mapping[str, str]) -> None:
    piped = settings.get("TrainingInputMode") == "Pipe"
    if not piped or settings.get("RecordWrapperType") != "RecordIO":
        raise ClientError(
            f"Channel {name} has TrainingInputMode={settings.get('TrainingInputMode')} and "
            f"RecordWrapperType={settings.get('RecordWrapperType')}, but only Pipe mode augmented "
            "manifests (RecordWrapperType=RecordIO) are supported by this image."
        )
    content_type = settings.get("ContentType", CONTENT_TYPE)
    if content_type.partition(";")[0].strip() != CONTENT_TYPE:
        raise ClientError(
            f"Channel {name} has ContentType={content_type}, but it must be {CONTENT_TYPE}."
        )
    distribution = settings.get("S3DistributionType", "FullyReplicated")
    if distribution != "FullyReplicated":
        raise ClientError(
            f"Channel {name} has S3DistributionType={distribution}, but it must be FullyReplicated."
        )


def _shown(record: bytes) -> str:
    text = record[:32].decode("ascii", errors="backslashreplace")
    return f"'{text}'" if text.isprintable() else f"{len(record)} bytes of binary data"
