"""Whether the models that run are the models of the release, by role, and since when they do."""

from datetime import datetime
from typing import TYPE_CHECKING

from config.release import Release
from config.roles import SHADOW
from scripts.errors import Refused
from scripts.serving.live import LiveEndpoint
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def check_models(release: Release, live: LiveEndpoint, variant: str | None = None) -> None:
    """Raise Refused unless every variant that runs is the released model of its role.

    Only then do the classes have names. With `variant`, that one must be there to answer.
    """
    deploy = f"run `darkroom deploy --env {release.environment}`"
    if not live.exists:
        raise Refused(f"endpoint {live.name} does not exist; {deploy}")
    for running in live.variants:
        model = release.models.get(running.name)
        if model is None:
            raise Refused(
                f"endpoint {live.name} has the variant {running.name}, but the release has "
                f"{', '.join(release.models)}; {deploy}, or update your checkout"
            )
        if running.model_data_url != model.model_data_url:
            raise Refused(
                f"endpoint {live.name} runs {running.model_data_url} as {running.name}, but the "
                f"release file names {model.model_data_url}, so its classes cannot be named; "
                f"{deploy}, or update your checkout"
            )
    if variant is not None and variant not in live.by_role:
        answering = ", ".join(each.name for each in live.variants if not each.shadow)
        raise Refused(
            f"endpoint {live.name} has no variant {variant}; it has {answering or 'none'}; {deploy}"
        )


def check_target(release: Release, kind: str, variant: str) -> None:
    """Raise Refused for a role that cannot be asked to answer."""
    if variant == SHADOW:
        raise Refused(
            "a shadow's answers go nowhere, so it cannot be asked; compare it with "
            f"`darkroom shadow --env {release.environment}`"
        )
    if kind == "serverless":
        raise Refused(
            "a serverless endpoint has one variant and takes no --variant; "
            "leave it out, or use --endpoint realtime"
        )
    if variant not in release.models:
        raise Refused(
            f"the release of environment {release.environment} has no {variant}; it has "
            f"{', '.join(release.models)}"
        )


def configured_at(session: Session, live: LiveEndpoint) -> datetime:
    """When the configuration that runs was made; what is older, other models or weights did."""
    sagemaker: SageMakerClient = session.client("sagemaker")
    return sagemaker.describe_endpoint_config(EndpointConfigName=str(live.endpoint_config_name))[
        "CreationTime"
    ]


def answering_since(session: Session, live: LiveEndpoint) -> datetime:
    """Since when the models that run have answered; before, others did under the same names.

    That is the end of the last update. Scaling modifies an endpoint as well, so where that goes on
    it is the making of the configuration: too early by the length of the rollout.
    """
    realtime = session.settings.realtime
    scales = realtime is not None and realtime.scaling is not None
    if scales or live.modified is None:
        return configured_at(session, live)
    return live.modified
