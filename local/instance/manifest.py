"""Augmented manifests: JSON Lines whose `-ref` attributes point at objects (facts sheet A.2.3)."""

import json
from dataclasses import dataclass
from typing import Any

from local.instance.recordio import frame
from local.instance.s3 import ObjectUri


class ManifestError(Exception):
    """A manifest line that cannot be streamed; says which line and why."""


@dataclass(frozen=True)
class Reference:
    """An attribute whose value is the bytes of object number `index`."""

    index: int


Part = Reference | bytes
Sample = tuple[Part, ...]


class ObjectIndex:
    """Numbers the distinct objects of a job, so that each is fetched once and kept once."""

    def __init__(self) -> None:
        self.uris: list[ObjectUri] = []
        self._numbers: dict[str, Reference] = {}

    def reference(self, uri: str) -> Reference:
        """Raises ValueError when `uri` is not an S3 URI."""
        known = self._numbers.get(uri)
        if known is None:
            self.uris.append(ObjectUri.parse(uri))
            known = self._numbers[uri] = Reference(len(self.uris) - 1)
        return known


def read_samples(
    manifest: bytes, uri: str, attribute_names: tuple[str, ...], objects: ObjectIndex
) -> list[Sample]:
    """The samples of a manifest in order, each attribute in the order of `attribute_names`.

    Raises ManifestError naming the line for anything that is not as A.2.3 says.
    """
    labels: dict[str, bytes] = {}  # the same few labels on a million lines share their frames
    samples: list[Sample] = []
    for number, line in enumerate(manifest.splitlines(), start=1):
        if not line.strip():
            continue
        where = f"line {number} of {uri}"
        record = _json_object(line, where)
        samples.append(
            tuple(_part(record, name, where, objects, labels) for name in attribute_names)
        )
    if not samples:
        raise ManifestError(f"{uri} has no samples")
    return samples


def _json_object(line: bytes, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise ManifestError(f"{where} is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise ManifestError(f"{where} is not a JSON object")
    return record


def _part(
    record: dict[str, Any], name: str, where: str, objects: ObjectIndex, labels: dict[str, bytes]
) -> Part:
    if name not in record:
        raise ManifestError(f'{where} has no attribute "{name}"')
    value = record[name]
    if name.endswith("-ref"):
        try:
            return objects.reference(str(value))
        except ValueError as error:
            raise ManifestError(f'{where}, attribute "{name}": {error}') from error
    text = value if isinstance(value, str) else json.dumps(value)
    if text not in labels:
        labels[text] = frame(text.encode())
    return labels[text]
