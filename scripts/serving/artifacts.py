"""Whether a released artifact is still the one that was released, as cheaply as S3 can tell."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from config.release import ReleasedModel
from scripts.artifact import known_sha256, split_url
from scripts.aws_errors import code_of, is_denied
from scripts.errors import Refused
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Evidence(StrEnum):
    """What is known of an artifact's content without reading it."""

    DIGEST = "S3's SHA-256 of it is the release's"
    SIZE = "its key is the released digest, and its size is the release's"
    NONE = "not looked at: the caller may not; its key is the released digest"


@dataclass(frozen=True, kw_only=True)
class CheckedArtifact:
    """A released artifact that is there."""

    role: str
    sha256: str
    evidence: Evidence


def check_artifact(session: Session, role: str, model: ReleasedModel) -> CheckedArtifact:
    """Raise Refused for an artifact that is gone or is no longer the one that was released.

    A deployer need not have the permission to look; SageMaker finds out then.
    """
    bucket, key = split_url(model.model_data_url)
    s3: S3Client = session.client("s3")
    again = _again(session.settings.name, model)
    try:
        found = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if code_of(error) in {"404", "NoSuchKey", "NoSuchBucket"}:
            raise Refused(
                f"the released artifact {model.model_data_url} of the {role} is gone; {again}"
            ) from error
        if not is_denied(error):
            raise
        return CheckedArtifact(role=role, sha256=model.artifact_sha256, evidence=Evidence.NONE)
    size = found["ContentLength"]
    if size != model.artifact_size_bytes:
        raise Refused(
            f"the artifact {model.model_data_url} of the {role} has {size:,} bytes, but "
            f"{model.artifact_size_bytes:,} were released: it was overwritten; {again}"
        )
    sha256 = known_sha256(found)
    if sha256 is None:
        return CheckedArtifact(role=role, sha256=model.artifact_sha256, evidence=Evidence.SIZE)
    if sha256 != model.artifact_sha256:
        raise Refused(
            f"the artifact {model.model_data_url} of the {role} has the SHA-256 "
            f"{sha256}: it was overwritten; {again}"
        )
    return CheckedArtifact(role=role, sha256=model.artifact_sha256, evidence=Evidence.DIGEST)


def _again(environment: str, model: ReleasedModel) -> str:
    if model.served_in is not None:
        return (
            "promote it again: `darkroom promote --from "
            f"{model.served_in.environment} --to {environment}`"
        )
    return (
        "release its training job again: `darkroom release "
        f"{model.training_job_name} --env {environment}`"
    )
