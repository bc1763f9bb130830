"""Models without the proof that the environment asks for: marked at synth, and so not deployed."""

from collections.abc import Iterator

from aws_cdk import Annotations, Stack, Stage

from config.release import Release
from config.released_model import ReleasedModel
from config.roles import CHAMPION, in_order
from config.served_in import SERVED_IN, lacks_proof
from config.settings import Settings


def mark_unproven(stage: Stage, settings: Settings, release: Release) -> None:
    """Mark the environment's stacks with an error for every model that lacks its proof.

    The templates are written all the same, for `darkroom diff` to show. The CDK's CLI refuses to
    deploy what is marked, and goes on with other environments. A recorded override lifts the
    error, and stays visible as an information.
    """
    errors, notes = list(_errors(settings, release)), list(_notes(settings, release))
    for stack in stage.node.children:
        if isinstance(stack, Stack):
            for text in errors:
                Annotations.of(stack).add_error(text)
            for text in notes:
                Annotations.of(stack).add_info(text)


def _errors(settings: Settings, release: Release) -> Iterator[str]:
    source = settings.gates.served_in
    for role in in_order(release.models):
        model = release.models[role]
        why = lacks_proof(source, model.artifact_sha256, model.served_in, model.override)
        if why is not None:
            yield (
                f"release of environment {settings.name}: the {role} "
                f"({model.training_job_name}) may not be deployed: {why}; "
                f"run `darkroom promote --from {source} --to {settings.name}{_as(role)}`"
                f"{_way_past(settings, role, model)}"
            )


def _notes(settings: Settings, release: Release) -> Iterator[str]:
    if settings.gates.served_in is None:
        return
    for role in in_order(release.models):
        model = release.models[role]
        override = model.override
        lacks = lacks_proof(
            settings.gates.served_in, model.artifact_sha256, model.served_in, override=None
        )
        # A proof may have come later: then nothing is lacking that somebody has to be told of.
        if lacks is not None and override is not None and SERVED_IN in override.gates:
            yield (
                f"release of environment {settings.name}: the {role} is deployed without the "
                f"proof that {settings.gates.served_in} serves it; {override.by} let it pass on "
                f"{override.at[:10]}: {override.reason}"
            )


def _as(role: str) -> str:
    return "" if role == CHAMPION else f" --as {role}"


def _way_past(settings: Settings, role: str, model: ReleasedModel) -> str:
    """The override, where it can be recorded: a job of another account is not known here."""
    if settings.account is not None and f":{settings.account}:" not in model.training_job_arn:
        return ""
    which = "" if role == CHAMPION else f" --role {role}"
    release = f"darkroom release {model.training_job_name} --env {settings.name}{which}"
    return f", or record why it may with `{release} --override REASON`"
