"""Which container trains and serves, and what it can serve (design D7)."""

import re
from dataclasses import dataclass
from typing import Final

from config.errors import require

ARTIFACT_FORMATS: Final = ("mxnet", "onnx")

_IMAGE_BY_DIGEST: Final = re.compile(
    r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}"
)


@dataclass(frozen=True, kw_only=True)
class AlgorithmImage:
    """The container of an environment, and the format of the model artifacts it serves."""

    uri: str | None = None
    """None is the region's built-in image. An own image is named by digest, so that what was
    tested is what runs."""

    artifact_format: str
    """`mxnet` for the built-in image, `onnx` for ours; a release must carry the same."""

    needs_gpu: bool = False
    """Whether an own image serves on instances with a GPU only."""

    def __post_init__(self) -> None:
        require(
            self.artifact_format in ARTIFACT_FORMATS,
            "algorithm.artifact_format",
            found=self.artifact_format,
            limit=f"one of {', '.join(ARTIFACT_FORMATS)}",
        )
        require(
            self.uri is None or _IMAGE_BY_DIGEST.fullmatch(self.uri) is not None,
            "algorithm.uri",
            found=self.uri,
            limit="<account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:<64 hex digits>",
            remedy="look the digest up with `aws ecr describe-images`; None is the built-in image",
        )
        require(
            self.uri is not None or not self.needs_gpu,
            "algorithm.needs_gpu",
            found=self.needs_gpu,
            limit="False for the built-in image, which serves on a CPU as well",
        )
