"""Gate: the model answers a sample image, before anybody is asked to deploy it."""

from typing import Final

from config.release import ReleasedModel
from scripts.archive import UnsafeArchive
from scripts.artifact import Artifact
from scripts.gates.candidate import Candidate
from scripts.gates.finding import Finding, Outcome
from scripts.gates.model_server import NoAnswer, ask
from scripts.gates.origin import in_words
from scripts.serving.proof import flaw_of
from scripts.serving.sample import sample_photo

_MXNET: Final = "mxnet"


def answers(candidate: Candidate) -> Finding:
    """The algorithm's own model server loads the artifact here and answers as it ought to.

    An MXNet model runs nowhere but on AWS: what answered there is taken from the proof of its
    promotion, and without one it is left to `darkroom deploy`, which asks every endpoint.
    """
    model, read, proof = candidate.model, candidate.artifact, candidate.model.served_in
    if read is None:
        return _finding(model, "not asked again: it was when it was released")
    if read.sha256 != model.artifact_sha256:
        return _finding(model, "not asked: it is not the released artifact")
    if model.artifact_format != _MXNET:
        return _asked(model, read)
    if proof is not None and proof.artifact_sha256 == model.artifact_sha256:
        return _finding(model, in_words(proof), Outcome.PASSED)
    return _finding(model, "not asked: MXNet runs on AWS only; `darkroom deploy` asks the endpoint")


def _asked(model: ReleasedModel, read: Artifact) -> Finding:
    classes = model.class_names
    try:
        probabilities = ask(read.file, sample_photo(model.image_shape))
    except NoAnswer as reason:
        return _finding(model, str(reason), Outcome.REFUSED, reason.remedy)
    except UnsafeArchive as reason:
        return _finding(model, str(reason), Outcome.REFUSED)
    count, flaw = len(probabilities), flaw_of(probabilities)
    if count != len(classes):
        return _finding(model, f"{count} probabilities", Outcome.REFUSED)
    if flaw is not None:
        return _finding(model, flaw, Outcome.REFUSED)
    best, name = max(zip(probabilities, classes, strict=True))
    return _finding(model, f"{count} probabilities, most for {name} ({best:.4f})", Outcome.PASSED)


def _finding(
    model: ReleasedModel,
    value: str,
    outcome: Outcome = Outcome.NOT_CHECKED,
    remedy: str = "train again, and release that job",
) -> Finding:
    return Finding(
        gate="answers",
        what="the answer to a sample image",
        value=value,
        limit=f"{len(model.class_names)} probabilities that add up to 1",
        outcome=outcome,
        remedy=remedy,
    )
