"""A model in the words of the environment that it comes to, with the proof of where it served."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from config.release import Release, ReleasedModel, check_fit
from config.roles import CHAMPION
from config.served_in import ServedIn
from config.settings import Settings
from scripts.artifact import model_data_url
from scripts.errors import Refused
from scripts.gates.candidate import as_recorded as gates_as_recorded
from scripts.promotion.request import Move
from scripts.promotion.route import Route
from scripts.promotion.source import CommittedRelease
from scripts.promotion.witness import Witnessed
from scripts.serving.roles import check_role
from scripts.training.request import image_of

_STAMP: Final = ("by", "at", "commit")


def carried(model: ReleasedModel, settings: Settings, bucket: str) -> ReleasedModel:
    """The model as environment `settings` has it: its bucket, its region's image, its own proof.

    Raises ConfigurationError for a format that the environment's image does not serve.
    """
    image = image_of(settings)
    moved = replace(
        model,
        image=image,
        model_data_url=model_data_url(bucket, model.artifact_sha256),
        served_in=None,
        override=None,  # let pass there is not let pass here
    )
    check_fit(moved, settings.name, settings.algorithm, image)
    return moved


def with_models(
    settings: Settings, before: Release | None, models: dict[str, ReleasedModel]
) -> Release:
    """The environment's release with the models in their roles.

    Raises Refused for a role that the traffic plan does not know and ConfigurationError for models
    that do not go together.
    """
    if before is None and CHAMPION in models:
        before = Release(
            environment=settings.name,
            models={CHAMPION: models[CHAMPION]},
            weights={CHAMPION: 1.0},
        )
    for role in models:
        check_role(settings, before, role)
    if before is None:
        raise Refused("no role is promoted; name one with --role")
    return before.with_models(models)


def proof(route: Route, source: CommittedRelease, witnessed: Witnessed, move: Move) -> ServedIn:
    """What is recorded with a model of the source's release, now that it was seen to serve.

    Raises Refused for a role whose answers nobody sees.
    """
    settings = route.source.settings
    return ServedIn(
        environment=settings.name,
        account=route.source_account,
        region=settings.region,
        role=move.source_role,
        release_sha256=witnessed.release_sha256,
        artifact_sha256=move.model.artifact_sha256,
        endpoints=witnessed.endpoints_of(move.source_role),
        commit=source.commit,
        by=route.caller.arn,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def as_recorded(model: ReleasedModel, role: str, before: Release | None) -> ReleasedModel:
    """The model with a new proof, and with what the target's release file holds of it already."""
    known = gates_as_recorded(replace(model, served_in=None), role, before)
    if model.served_in is None:
        return known
    return replace(known, served_in=_first_recorded(model.served_in, known.served_in))


def _first_recorded(new: ServedIn, known: ServedIn | None) -> ServedIn:
    """The proof that the file holds already, if the new one says the same of the same release.

    Who saw it first stays: a promotion that is repeated changes nothing.
    """
    if known is None:
        return new
    stamp = {name: getattr(known, name) for name in _STAMP}
    return known if replace(new, **stamp) == known else new
