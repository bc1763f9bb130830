"""What a model artifact says of itself: its format, its input, and how many classes it knows."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from algorithm.contract.artifact import (
    INPUT_NAME,
    SHAPES_NAME,
    ArtifactError,
    ArtifactFormat,
    artifact_format,
)
from scripts.archive import UnsafeArchive, visit

_SYMBOL_NAME: Final = "image-classification-symbol.json"
_DESCRIPTION_BYTES: Final = 16 * 1024**2
"""Of the network's description; that of the deepest ResNet has 200 kB."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """An artifact by its members (facts A.5)."""

    format: ArtifactFormat
    image_shape: str | None
    """Of the network's input: `channels,height,width`; None where no member tells it."""

    classes: int | None
    """Of an MXNet model, by the width of its last layer; None where no member tells it."""


def contents_of(archive: Path) -> Contents:
    """Read the descriptions in a model.tar.gz.

    Raises UnsafeArchive for one that no instance should unpack, and ArtifactError for one that is
    not this algorithm's or contradicts itself.
    """
    names: list[str] = []
    texts: dict[str, bytes] = {}

    def look(path: PurePosixPath, content: IO[bytes]) -> None:
        names.append(str(path))
        if str(path) in (SHAPES_NAME, _SYMBOL_NAME):
            texts[str(path)] = content.read(_DESCRIPTION_BYTES + 1)

    visit(archive, look)
    descriptions = {name: _json(name, text) for name, text in texts.items()}
    try:
        return Contents(
            format=artifact_format(names),
            image_shape=_image_shape(descriptions.get(SHAPES_NAME, [])),
            classes=_classes(descriptions.get(_SYMBOL_NAME, {})),
        )
    except (TypeError, KeyError, AttributeError, ValueError, OverflowError) as error:
        if isinstance(error, ArtifactError):
            raise
        raise ArtifactError(
            f"{' or '.join(descriptions)} does not describe a network: {error!r}"
        ) from error


def _json(name: str, content: bytes) -> Any:
    if len(content) > _DESCRIPTION_BYTES:
        raise UnsafeArchive(f"member {name!r} has more than {_DESCRIPTION_BYTES:,} bytes")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"member {name!r} is no JSON: {error}") from error


def _image_shape(inputs: Any) -> str | None:
    for each in inputs:
        if each["name"] == INPUT_NAME:
            _, *shape = each["shape"]
            return ",".join(str(int(side)) for side in shape)
    return None


def _classes(symbol: Any) -> int | None:
    layers = [node for node in symbol.get("nodes", []) if node["op"] == "FullyConnected"]
    if not layers:
        return None
    # `attrs` since MXNet 1.0; before, the built-in image's times, `attr` and `param`.
    last = layers[-1]
    told = last.get("attrs") or last.get("attr") or last.get("param") or {}
    return int(told["num_hidden"]) if "num_hidden" in told else None
