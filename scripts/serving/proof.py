"""Proof of a deployment: what runs, held against what was released, and a prediction of each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.release import Release
from config.roles import CHAMPION, SHADOW, in_order
from scripts import console
from scripts.deployment.planned import PlannedEndpoint
from scripts.errors import Refused
from scripts.serving.artifacts import CheckedArtifact, check_artifact
from scripts.serving.live import LiveEndpoint, short_artifact
from scripts.serving.patience import Patience
from scripts.serving.predictions import Prediction
from scripts.serving.requests import Asked, NotAnswered, Requests
from scripts.serving.sample import sample_photo
from scripts.serving.shares import shares
from scripts.session import Session

_SUM_TOLERANCE: Final = 1e-3
_SHARE_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was looked at, and what was found to differ."""

    artifacts: tuple[CheckedArtifact, ...]
    predictions: tuple[Prediction, ...]
    differences: tuple[str, ...]

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "artifacts": {
                each.role: {"sha256": each.sha256, "evidence": each.evidence.value}
                for each in self.artifacts
            },
            "sample_predictions": [each.to_json(top=1) for each in self.predictions],
            "differences": list(self.differences),
        }


def prove(
    session: Session,
    release: Release,
    planned: Mapping[str, PlannedEndpoint],
    endpoints: Sequence[LiveEndpoint],
    configs: Mapping[str, str],
) -> Proof:
    """Hold every endpoint against the release and the template that were deployed.

    `configs` are the configurations that CloudFormation says the endpoints run. What is not
    proven: that a prediction is right. A release records no prediction to compare it with.
    """
    found = [
        clause
        for endpoint in endpoints
        for clause in differences(
            release, planned.get(endpoint.name), endpoint, configs.get(endpoint.name)
        )
    ]
    artifacts: list[CheckedArtifact] = []
    for role in in_order(release.models):
        try:
            artifacts.append(check_artifact(session, role, release.models[role]))
        except Refused as gone:
            found.append(str(gone))
    predictions: list[Prediction] = []
    if not found:  # an endpoint that runs something else is not worth a cold start
        for endpoint in endpoints:
            for outcome in _ask(session, release, endpoint):
                if isinstance(outcome, Prediction):
                    predictions.append(outcome)
                else:
                    found.append(outcome)
    return Proof(
        artifacts=tuple(artifacts),
        predictions=tuple(predictions),
        differences=tuple(found),
    )


def differences(
    release: Release,
    planned: PlannedEndpoint | None,
    live: LiveEndpoint,
    config: str | None = None,
) -> Iterator[str]:
    """What differs between the release and what runs, one clause each; none when nothing does."""
    found = list(_differences(release, planned, live, config))
    yield from (f"{live.name}: {clause}" for clause in found)
    if found and live.failure_reason:
        yield f"SageMaker's reason: {live.failure_reason}"


def _differences(
    release: Release, planned: PlannedEndpoint | None, live: LiveEndpoint, config: str | None
) -> Iterator[str]:
    if live.status != "InService":
        yield f"status is {live.status!r}, not 'InService'"
    if not live.exists:
        return
    if config is not None and live.endpoint_config_name != config:
        yield (
            f"it runs configuration {live.endpoint_config_name}, but its stack made {config}: the "
            "update was rolled back"
        )
    wanted = _wanted_shares(release, planned, live)
    yield from _model_differences(release, list(wanted), live)
    if planned is not None and live.capture_percent != planned.capture_percent:
        yield (
            f"captured are {live.capture_percent or 0} % of the requests, "
            f"not {planned.capture_percent or 0} %"
        )
    shares_differ = list(_share_differences(wanted, live))
    yield from shares_differ
    if shares_differ and planned is not None:
        yield _weights_remedy(planned)


def _model_differences(release: Release, roles: Sequence[str], live: LiveEndpoint) -> Iterator[str]:
    running = live.by_role
    if sorted(running) != sorted(roles):
        yield f"runs {_listed(running)}; the release has {_listed(roles)}"
    for role in roles:
        model, variant = release.models.get(role), running.get(role)
        if model is None or variant is None:
            continue
        if variant.model_data_url != model.model_data_url:
            yield (
                f"{role} runs artifact {variant.artifact}, not "
                f"{short_artifact(model.model_data_url)} of {model.training_job_name}"
            )
        if variant.image != model.image:
            yield f"{role} runs in image {variant.image}, not {model.image}"


def _listed(names: Collection[str]) -> str:
    """`champion, challenger and challenger2`"""
    *others, last = in_order(names) or ["nothing"]
    return f"{', '.join(others)} and {last}" if others else last


def _weights_remedy(planned: PlannedEndpoint) -> str:
    """Weights that were set by hand stay as they are until CloudFormation has a change to make."""
    weights = " ".join(
        f"VariantName={each.name},DesiredWeight={each.weight:g}" for each in planned.variants
    )
    return (
        "the weights of the release are set again by `aws sagemaker "
        f"update-endpoint-weights-and-capacities --endpoint-name {planned.name} "
        f"--desired-weights-and-capacities {weights}`"
    )


def _wanted_shares(
    release: Release, planned: PlannedEndpoint | None, live: LiveEndpoint
) -> dict[str, float | None]:
    """The roles that ought to run and each one's share of the requests, from 0 to 1.

    A release alone does not say how much a shadow gets to see: None.
    """
    if planned is not None:
        return {each.name: planned.share(each) for each in planned.variants}
    if live.kind == "serverless":
        return {CHAMPION: 1.0}
    return {**dict.fromkeys(release.models), **shares(release.weights)}


def _share_differences(wanted: Mapping[str, float | None], live: LiveEndpoint) -> Iterator[str]:
    for role, should in wanted.items():
        running = live.by_role.get(role)
        if running is None or should is None:
            continue
        is_ = live.share(running)
        if abs(should - is_) > _SHARE_TOLERANCE:
            yield f"{role} gets {100 * is_:.4g} % of the requests, not {100 * should:.4g} %"


def _ask(session: Session, release: Release, endpoint: LiveEndpoint) -> Iterator[Prediction | str]:
    """A prediction of every variant that can be asked, or the reason why there is none."""
    patience = Patience(say=console.say)
    for variant in endpoint.variants:
        if variant.name == SHADOW:  # its answers go nowhere
            continue
        target = None if endpoint.serverless else variant.name
        requests = Requests(
            session, Asked(name=endpoint.name, target_variant=target), release, patience
        )
        where = f"{endpoint.name}: {variant.name}"
        try:
            answer = requests.predict(sample_photo(release.models[variant.name].image_shape))
        except (NotAnswered, Refused) as reason:
            yield f"{where} did not answer the sample picture: {reason}"
            continue
        if answer.variant != variant.name:
            yield f"{where} was asked, but {answer.variant} answered"
        elif flaw := flaw_of([probability for _, probability in answer.classes]):
            yield f"{where} answered the sample picture with {flaw}"
        else:
            yield answer


def flaw_of(probabilities: Sequence[float]) -> str | None:
    """Why these are no probabilities of classes that exclude each other; None when they are."""
    if any(not 0 <= value <= 1 for value in probabilities):  # NaN is not in any range
        return "numbers that are no probabilities"
    total = sum(probabilities)
    if abs(total - 1) > _SUM_TOLERANCE:
        return f"probabilities that add up to {total:.4f}, not 1"
    return None
