"""What a model.tar.gz holds, and how its format is told from the names in it (facts sheet A.5)."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal

ArtifactFormat = Literal["onnx", "mxnet"]
FORMATS: tuple[ArtifactFormat, ...] = ("onnx", "mxnet")

SHAPES_NAME = "model-shapes.json"
"Name and shape of the network's input; both formats have it."

INPUT_NAME = "data"
OUTPUT_NAME = "probabilities"

_MODEL = re.compile(r"image-classification-([0-9]{4,})\.(onnx|params)")


class ArtifactError(ValueError):
    """A model artifact is not one of this algorithm's; the text is one line."""


def model_name(epoch: int) -> str:
    """The file of the model stored after `epoch`, counted from 0: the name counts from 1 (A.5)."""
    return f"image-classification-{epoch + 1:04d}.onnx"


def artifact_format(names: Iterable[str]) -> ArtifactFormat:
    """The format of an artifact with members of these names.

    `onnx` is written and served by the image of this repository, `mxnet` by the built-in image.
    Raises ArtifactError if they are neither's, or both's.
    """
    found = {match[2] for name in names if (match := _MODEL.fullmatch(_root_name(name)))}
    if found == {"onnx"}:
        return "onnx"
    if found == {"params"}:
        return "mxnet"
    raise ArtifactError(
        "the model artifact is in no known format: expected one of image-classification-NNNN.onnx "
        f"and image-classification-NNNN.params, found {' and '.join(sorted(found)) or 'neither'}"
    )


def newest_onnx(names: Iterable[str]) -> str:
    """The member to serve: of several checkpoints the one of the latest epoch.

    Raises ArtifactError if there is no ONNX model among the names.
    """
    known = tuple(names)
    try:
        is_onnx = artifact_format(known) == "onnx"
    except ArtifactError as problem:
        raise ArtifactError(f"{problem}; this image serves ONNX models") from None
    if not is_onnx:
        raise ArtifactError(
            "the model artifact is in MXNet's format, but this image serves ONNX models: "
            "serve it with the built-in image, or train again with this one"
        )
    numbered = {int(m[1]): name for name in known if (m := _MODEL.fullmatch(_root_name(name)))}
    return numbered[max(numbered)]


def _root_name(name: str) -> str:
    # tar writes "./image-classification-0001.onnx" when it is given a directory.
    path = PurePosixPath(name)
    return path.name if len(path.parts) == 1 else ""
