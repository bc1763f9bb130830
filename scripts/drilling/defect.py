"""A model artifact with a defect: it is deployed like a sound one, and answers no picture."""

import gzip
import io
import json
import tarfile
from typing import IO, Final

from algorithm.contract.artifact import (
    SHAPES_NAME,
    ArtifactError,
    ArtifactFormat,
    artifact_format,
    newest_onnx,
)
from scripts.drilling.onnx_fault import onnx_fault
from scripts.errors import Refused

WHAT: Final[dict[ArtifactFormat, str]] = {
    "onnx": "loads and answers /ping, then fails on every picture",
    "mxnet": "asks for pictures with one channel more than its weights have",
}
"""The defect of each format, in words that end a sentence about the model.

That of an ONNX model is proven by a test. Whether the built-in image finds out about the other
when it loads the model, and so fails its health check, or only when it is asked, is unverified:
the built-in image runs nowhere but on AWS. A drill says which defence caught it.
"""


def break_artifact(sound: IO[bytes], broken: IO[bytes]) -> ArtifactFormat:
    """Write the model.tar.gz in `sound` to `broken`, with a defect; returns its format.

    The same input always gives the same bytes. Raises Refused for an artifact that is not one of
    this algorithm's.
    """
    try:
        with tarfile.open(fileobj=sound, mode="r:gz") as archive:
            names = archive.getnames()
            found = artifact_format(names)
            spoilt = newest_onnx(names) if found == "onnx" else _shapes(names)
            _copy(archive, broken, spoilt)
    except (ValueError, LookupError, TypeError, tarfile.TarError, EOFError, OSError) as error:
        raise Refused(
            f"the released artifact cannot be broken for a drill: {error}; release again"
        ) from error
    return found


def _shapes(names: list[str]) -> str:
    for name in names:
        if name.removeprefix("./") == SHAPES_NAME:
            return name
    raise ArtifactError(f"it has no {SHAPES_NAME}")


def _copy(archive: tarfile.TarFile, target: IO[bytes], spoilt: str) -> None:
    # No time and no name in the header, and little effort: weights do not compress.
    with (
        gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as copy,
    ):
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                copy.addfile(member)
                continue
            if member.name == spoilt:
                content = io.BytesIO(_spoil(member.name, content.read()))
                member.size = content.getbuffer().nbytes
            copy.addfile(member, content)


def _spoil(name: str, content: bytes) -> bytes:
    if name.endswith(".onnx"):
        return content + onnx_fault()
    shapes = json.loads(content)
    for entry in shapes:
        batch, channels, *size = entry["shape"]
        entry["shape"] = [batch, channels + 1, *size]
    return json.dumps(shapes).encode()
