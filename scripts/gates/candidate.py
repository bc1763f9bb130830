"""The model that asks to stand in a release file, with all that its gates look at."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from config.release import Release, ReleasedModel
from config.settings import Settings
from scripts.artifact import Artifact
from scripts.gates.finding import Finding


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A model on its way into a role of an environment's release file."""

    settings: Settings
    """Of the environment that it comes to: its gates decide."""

    role: str
    model: ReleasedModel
    """As it would stand in the file; with the override, if any, that the file already holds of it
    in this role (`as_recorded`), and with the proof of a promotion."""

    champion: ReleasedModel | None
    """Who is champion of that environment before the change; None before its first release."""

    artifact: Artifact | None
    """What was read; None for a model that the file holds already: it was read when it came."""


Gate = Callable[[Candidate], Finding]
"""Looks at one thing and changes nothing; raises only what keeps it from looking."""


def as_recorded(model: ReleasedModel, role: str, before: Release | None) -> ReleasedModel:
    """The model with what the release file says of it already: a repetition changes nothing.

    A proof speaks for a model in any role, as long as it is the same training job's and the same
    artifact. An override was given for one role.
    """
    if before is None:
        return model
    for known in before.models.values():
        if known.served_in is not None and is_same(known, model):
            model = replace(model, served_in=known.served_in)
            break
    here = before.models.get(role)
    if here is not None and is_same(here, model):
        model = replace(model, override=here.override)
    return model


def is_same(one: ReleasedModel, other: ReleasedModel) -> bool:
    """Whether both are the same training job's artifact, whatever is recorded of them."""
    return (one.training_job_arn, one.artifact_sha256) == (
        other.training_job_arn,
        other.artifact_sha256,
    )
