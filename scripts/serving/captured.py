"""Captured answers of one variant, read from S3 hour by hour (facts C.7)."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from config import prefixes
from scripts.bucket import Bucket
from scripts.serving.agreement import Answer

LONGEST_LINE_BYTES: Final = 32 * 1024 * 1024
"""Of a record: a request and an answer of 6 MB each, as base64, and room to spare."""

_ID_BYTES: Final = 16


class CapturedAnswer(NamedTuple):
    """What a variant answered to a request."""

    request: bytes
    """Names the request: a digest of its inference id or, where none was given, its event id."""

    when: datetime
    answer: Answer


class Unreadable(ValueError):
    """A line that is no record of an answer with a probability for each class."""


@dataclass(frozen=True, kw_only=True)
class CaptureFolder:
    """Where an endpoint's captured records are."""

    bucket: Bucket
    endpoint_name: str

    def objects(self, variant: str, hour: datetime) -> list[str]:
        """The keys of an hour's records, those begun first at the front."""
        return sorted(
            self.bucket.keys(
                f"{prefixes.CAPTURE}/{self.endpoint_name}/{variant}/{hour:%Y/%m/%d/%H}"
            )
        )

    def answers(self, key: str, classes: int) -> Iterator[CapturedAnswer | None]:
        """An object's answers; None for each line that cannot be read."""
        for line in self.bucket.lines(key, LONGEST_LINE_BYTES):
            if line.strip():
                try:
                    yield read_answer(line, classes)
                except Unreadable:
                    yield None


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Every hour (UTC) with a folder that may hold records of `start` to `end`."""
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += timedelta(hours=1)


def read_answer(line: bytes, classes: int) -> CapturedAnswer:
    """A record's answer. Raises Unreadable."""
    try:
        record = json.loads(line)
        event = record["eventMetadata"]
        probabilities = _probabilities(record["captureData"]["endpointOutput"])
        name = str(event.get("inferenceId") or event["eventId"])
        when = datetime.fromisoformat(event["inferenceTime"])
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise Unreadable(str(problem)) from problem
    if len(probabilities) != classes or when.tzinfo is None:
        raise Unreadable(f"{len(probabilities)} probabilities for {classes} classes")
    label = max(range(classes), key=probabilities.__getitem__)
    return CapturedAnswer(
        hashlib.blake2b(name.encode(), digest_size=_ID_BYTES).digest(),
        when,
        Answer(label, probabilities[label]),
    )


def _probabilities(output: dict[str, Any]) -> list[float]:
    text = output["data"]
    if output["encoding"] == "BASE64":
        text = base64.b64decode(text, validate=True)
    return [float(value) for value in json.loads(text)]
