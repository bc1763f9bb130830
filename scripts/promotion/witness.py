"""Whether an environment serves its release now: not that it was deployed once, but that it runs.

Looks as `darkroom deploy` does after a deployment, with the eyes of somebody who may only look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config import outputs
from config.release import Release
from config.roles import CHAMPION
from scripts import console
from scripts.deployment.settled import settled
from scripts.errors import Refused
from scripts.outputs import describe_stack, is_updating, stack_outputs
from scripts.promotion.sides import at_side
from scripts.serving.live import LiveEndpoint, live_endpoints
from scripts.serving.predictions import Prediction
from scripts.serving.proof import prove
from scripts.session import Session


@dataclass(frozen=True, kw_only=True)
class Witnessed:
    """What was seen of an environment that serves its release."""

    environment: str
    release_sha256: str
    """What its stack says it deployed, and what the release file is: `Release.digest`."""

    endpoints: tuple[LiveEndpoint, ...]
    predictions: tuple[Prediction, ...]

    def endpoints_of(self, role: str) -> tuple[str, ...]:
        """The endpoints that ran the role's model and answered. Raises Refused if none did."""
        names = tuple(each.endpoint for each in self.predictions if each.variant == role)
        if not names:
            raise Refused(
                f"no endpoint of environment {self.environment} answers as {role}: it gets copies "
                "of requests and its answers go nowhere, so there is no proof that it serves; "
                f"make it a challenger or the {CHAMPION} there, deploy, and promote that"
            )
        return names


def witness(session: Session, release: Release) -> Witnessed:
    """Look at every endpoint of the environment, and ask each variant for a sample prediction.

    Raises Refused when anything else than the release is served, when an endpoint is missing or
    does not answer, and for what the caller may not look at.
    """
    name = session.settings.name
    with at_side(session):
        configs = _deployed(session, release)
        endpoints = settled(lambda: live_endpoints(session), _busy)
        proof = prove(session, release, {}, endpoints, configs)
    silent = [each.name for each in endpoints if each.name not in configs]
    found = [
        *proof.differences,
        *(f"{each}: its stack names no configuration that it made for it" for each in silent),
        *(() if endpoints else ("its settings switch no endpoint on",)),
    ]
    if found:
        raise Refused(
            f"environment {name} does not serve its release now: {'; '.join(found)}; look at "
            f"`darkroom status --env {name}`, deploy it with `darkroom deploy --env {name}`, and "
            "promote then"
        )
    return Witnessed(
        environment=name,
        release_sha256=release.digest,
        endpoints=tuple(endpoints),
        predictions=proof.predictions,
    )


def _deployed(session: Session, release: Release) -> Mapping[str, str]:
    """The configuration that the stack made for each endpoint, if it deployed this release."""
    settings = session.settings
    values = stack_outputs(session, ("Serving",)).values
    deployed = values.get(outputs.RELEASE_DIGEST)
    if deployed != release.digest:
        _check_settled(session)
        serves = f"serves release {deployed[:12]}" if deployed else "serves no release"
        raise Refused(
            f"environment {settings.name} {serves}, but config/releases/{settings.name}.json is "
            f"release {release.digest[:12]}; deploy it first: "
            f"`darkroom deploy --env {settings.name}`"
        )
    console.say(
        f"{settings.name} has deployed release {deployed[:12]}, as config/releases has it; "
        "asking what runs ..."
    )
    return {
        outputs.endpoint_name(settings.app, settings.name, kind): values[key]
        for kind, key in outputs.ENDPOINT_CONFIG_NAMES.items()
        if key in values
    }


def _check_settled(session: Session) -> None:
    """Raise Refused while somebody changes the environment: what it serves is not decided yet."""
    settings = session.settings
    serving = outputs.stack_name(settings.app, settings.name, "Serving")
    stack = describe_stack(session, serving)
    found = (
        [f"stack {serving} is {stack['StackStatus']}"]
        if stack and is_updating(stack["StackStatus"])
        else []
    )
    found += [f"{each.name} is {each.status}" for each in live_endpoints(session) if each.busy]
    if found:
        raise Refused(
            f"environment {settings.name} is being updated ({'; '.join(found)}), and does not "
            f"serve config/releases/{settings.name}.json yet; wait for the end, as `darkroom "
            f"deploy --env {settings.name}` does, and promote then"
        )


def _busy(endpoints: Sequence[LiveEndpoint]) -> list[str]:
    return [each.name for each in endpoints if each.busy]
