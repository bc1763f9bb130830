"""Gate: the artifact is the one that the release names, and fits what the release says of it."""

from collections.abc import Iterator

from algorithm.contract.artifact import ArtifactError
from config.release import ReleasedModel
from config.settings import Settings
from scripts.archive import UnsafeArchive
from scripts.artifact import Artifact
from scripts.gates.candidate import Candidate
from scripts.gates.finding import Finding, Outcome


def artifact(candidate: Candidate) -> Finding:
    """What was downloaded has the digest, the size, the format, the input and the classes."""
    model, read, settings = candidate.model, candidate.artifact, candidate.settings
    if read is None:
        outcome, value = Outcome.NOT_CHECKED, "not read again: it was when it was released"
    else:
        flaws = list(_flaws(settings, model, read))
        outcome = Outcome.of(not flaws)
        value = "; ".join(flaws) or _described(read.sha256, read.size_bytes, model.artifact_format)
    return Finding(
        gate="artifact",
        what="the artifact",
        value=value,
        limit=_described(
            model.artifact_sha256, model.artifact_size_bytes, settings.algorithm.artifact_format
        ),
        outcome=outcome,
        remedy="find out who wrote to it, or train again",
    )


def _described(sha256: str, size_bytes: int, form: str) -> str:
    return f"{sha256[:12]}, {size_bytes:,} bytes, {form}"


def _flaws(settings: Settings, model: ReleasedModel, read: Artifact) -> Iterator[str]:
    if read.sha256 != model.artifact_sha256:
        yield f"its SHA-256 is {read.sha256}"
    if read.size_bytes != model.artifact_size_bytes:
        yield f"it has {read.size_bytes:,} bytes"
    if read.sha256 != model.artifact_sha256:
        return  # what it says of itself is of no interest
    try:
        contents = read.contents
    except (UnsafeArchive, ArtifactError) as error:
        yield str(error)
        return
    served, classes = settings.algorithm.artifact_format, len(model.class_names)
    if contents.format != served:
        yield f"it is in format {contents.format}, but {settings.name} serves {served}"
    if contents.image_shape not in (None, model.image_shape):
        yield f"it takes images of {contents.image_shape}, but the release says {model.image_shape}"
    if contents.classes not in (None, classes):
        yield f"it knows {contents.classes} classes, but the release names {classes}"
