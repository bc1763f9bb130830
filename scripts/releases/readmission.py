"""Whether an environment, as it is set up today, can take an earlier release back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from config.errors import ConfigurationError
from config.release import Release, ReleasedModel, check_fit
from config.roles import CHAMPION, in_order
from config.served_in import SERVED_IN, Override, lacks_proof
from config.settings import Settings
from config.traffic import check_roles
from scripts.errors import Refused
from scripts.gates.candidate import as_recorded
from scripts.repository import Commit
from scripts.training.request import image_of


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A person's word that a model comes back without proof."""

    reason: str
    by: str
    """The person's ARN."""

    at: datetime


def check_setup(settings: Settings, release: Release, commit: Commit) -> None:
    """Raise Refused for the release of a commit that today's traffic plan or image cannot serve."""
    try:
        check_roles(settings.traffic, release)
        for model in release.models.values():
            check_fit(model, settings.name, settings.algorithm, image_of(settings))
    except ConfigurationError as error:
        # Its remedies are for a release file that stands; this one is not written.
        found = str(error).rpartition("; ")[0]
        raise Refused(
            f"the release of {commit.short} does not go with today's settings: {found}; change "
            "the settings back in config/environments.py, or choose another release with --to "
            f"(`darkroom history --env {settings.name}` shows them)"
        ) from error


def unproven(settings: Settings, release: Release) -> dict[str, str]:
    """By role, why a model may not be deployed; empty where all of them may.

    Of the gates (config.gates) this one alone is asked again. It is synth's as well: without the
    proof nothing could be deployed. The others judge what comes new; these models were in
    service, and refusing the way back would leave a worse one there while somebody waits.
    """
    found = {
        role: lacks_proof(
            settings.gates.served_in,
            release.models[role].artifact_sha256,
            release.models[role].served_in,
            release.models[role].override,
        )
        for role in in_order(release.models)
    }
    return {role: reason for role, reason in found.items() if reason is not None}


def with_present_record(release: Release, before: Release | None) -> Release:
    """The release with the proofs and overrides that the present file has of the same models."""
    models = {}
    for role, model in release.models.items():
        recorded = as_recorded(model, role, before)
        models[role] = replace(recorded, override=recorded.override or model.override)
    return replace(release, models=models)


def let_back(release: Release, roles: Iterable[str], consent: Consent) -> Release:
    """The release with the person's word recorded for the models in these roles."""
    models = dict(release.models)
    for role in roles:
        models[role] = _overridden(models[role], consent)
    return replace(release, models=models)


def _overridden(model: ReleasedModel, consent: Consent) -> ReleasedModel:
    gates: tuple[str, ...] = (SERVED_IN,)
    reason = consent.reason
    if model.override is not None:
        # Why it was let in the first time is still to be read in the file that comes back.
        gates = (*model.override.gates, SERVED_IN)
        reason = f"{reason} (before: {model.override.reason})"
    at = consent.at.astimezone(UTC).isoformat(timespec="seconds")
    return replace(model, override=Override(gates=gates, reason=reason, by=consent.by, at=at))


def renamed_classes(before: Release | None, after: Release) -> str | None:
    """What changes in the names that callers get, in words; None when nothing does."""
    if before is None:
        return None
    # All models of a release name the same classes.
    old, new = (each.models[CHAMPION].class_names for each in (before, after))
    if old == new:
        return None
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    if not gone and not come:
        return "they are the same in another order"
    return ", ".join([*(f"{name} goes" for name in gone), *(f"{name} comes" for name in come)])
