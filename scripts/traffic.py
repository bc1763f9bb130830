"""`darkroom traffic`: requests, errors and latency of every endpoint, by variant."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import click

from config.environments import environment
from config.release import read_release
from config.roles import ROLES, SHADOW
from scripts import console, options
from scripts.errors import Refused
from scripts.serving.live import LiveEndpoint, LiveVariant, kinds, live_endpoint
from scripts.serving.metrics import Percentiles, VariantTraffic, variant_traffic
from scripts.serving.running import answering_since
from scripts.serving.shares import percent
from scripts.serving.window import Since, Window, clock, window
from scripts.session import Session, open_session

_SINCE: Final = "1h"


@dataclass(frozen=True, kw_only=True)
class VariantShare:
    """A variant's traffic beside the share that its weight stands for."""

    traffic: VariantTraffic
    weight: float
    wanted: float
    """From 0 to 1; of a shadow, the part of the requests that are copied."""

    shadow: bool
    model: str | None
    """The training job of what answers now; None of a variant that has left the endpoint."""


@dataclass(frozen=True, kw_only=True)
class EndpointTraffic:
    """What an endpoint did in a window."""

    live: LiveEndpoint
    window: Window
    """What is counted: as asked for, or from the last deployment on."""

    variants: Sequence[VariantShare]
    """Those that run, then those that left it in the window."""

    since: datetime | None = None
    """Since when these models and weights answer; None of an endpoint that does not exist."""

    from_deployment: bool = False
    """Whether the window begins with the last deployment."""

    @property
    def reaches_further_back(self) -> bool:
        """Whether requests count that other models may have answered under the same names."""
        return (
            not self.from_deployment and self.since is not None and self.since > self.window.start
        )

    @property
    def requests(self) -> int:
        """That were answered to somebody: a shadow's copies are not."""
        return sum(each.traffic.requests for each in self.variants if not each.shadow)

    def share(self, variant: VariantShare) -> float | None:
        """The variant's part of the requests, from 0 to 1; None without any."""
        return variant.traffic.requests / self.requests if self.requests else None

    def to_json(self) -> dict[str, Any]:
        return {
            "endpoint": self.live.name,
            "status": self.live.status,
            "from": self.window.start.isoformat(),
            "to": self.window.end.isoformat(),
            "answering_since": self.since.isoformat() if self.since else None,
            "requests": self.requests,
            "variants": [
                {
                    **asdict(each.traffic),
                    "error_rate": each.traffic.error_rate,
                    "model": each.model,
                    "shadow": each.shadow,
                    "share": self.share(each),
                    "weight": each.weight,
                    "weight_share": each.wanted,
                }
                for each in self.variants
            ],
        }


def traffic(session: Session, kind: str, asked: Window | None) -> EndpointTraffic:
    """The traffic of the environment's endpoint of that kind.

    Unless a window was asked for, nothing counts from before the last deployment: other models
    answered then under the same names.
    """
    live = live_endpoint(session, kind)
    if not live.exists:
        return EndpointTraffic(live=live, window=asked or window(_SINCE), variants=[])
    return traffic_of(session, live, answering_since(session, live), asked)


def traffic_of(
    session: Session, live: LiveEndpoint, since: datetime, asked: Window | None
) -> EndpointTraffic:
    """The traffic of an endpoint whose models have answered since that moment."""
    counted = asked or window(_SINCE)
    from_deployment = asked is None and since > counted.start
    if from_deployment:
        counted = counted.from_at_least(since)
    found = {
        each.variant: each for each in variant_traffic(session, live.name, _names(live), counted)
    }
    jobs = _training_jobs(session, live)
    return EndpointTraffic(
        live=live,
        window=counted,
        variants=[
            *(_share(live, variant, found[variant.name], jobs) for variant in live.variants),
            *(
                _left(measured)
                for name, measured in found.items()
                if name not in live.by_role and measured.requests and not from_deployment
            ),
        ],
        since=since,
        from_deployment=from_deployment,
    )


def _names(live: LiveEndpoint) -> list[str]:
    """The variants that run, and every other that may have: a variant's name is a role."""
    running = [variant.name for variant in live.variants]
    return [*running, *(role for role in ROLES if role not in running)]


def _training_jobs(session: Session, live: LiveEndpoint) -> Mapping[str, str]:
    """By variant; the artifact's digest where it is not the released model that runs."""
    release = read_release(session.settings.name)
    models = release.models if release else {}
    return {
        variant.name: models[variant.name].training_job_name
        if variant.name in models and models[variant.name].model_data_url == variant.model_data_url
        else f"artifact {variant.artifact}"
        for variant in live.variants
    }


def _share(
    live: LiveEndpoint, variant: LiveVariant, measured: VariantTraffic, jobs: Mapping[str, str]
) -> VariantShare:
    return VariantShare(
        traffic=measured,
        weight=variant.current_weight,
        wanted=live.share(variant),
        shadow=variant.shadow,
        model=jobs[variant.name],
    )


def _left(measured: VariantTraffic) -> VariantShare:
    return VariantShare(
        traffic=measured,
        weight=0.0,
        wanted=0.0,
        shadow=measured.variant == SHADOW,
        model=None,
    )


@click.command("traffic")
@options.environment
@click.option(
    "--since",
    "asked",
    type=Since(),
    help=f"How far to look back: 15m, 2h, 1d. [default: {_SINCE}, at most to the last deployment]",
)
@click.option(
    "--endpoint",
    "kind",
    type=click.Choice(["realtime", "serverless"]),
    help="Only this endpoint. [default: all that the settings switch on]",
)
@options.as_json
def command(environment_name: str, asked: Window | None, kind: str | None, as_json: bool) -> None:
    """Show requests, errors and latencies by variant, from CloudWatch.

    A variant's share of the requests stands beside the share that its weight stands for.
    """
    settings = environment(environment_name)
    switched_on = kinds(settings)
    if kind is not None and kind not in switched_on:
        raise Refused(
            f"environment {settings.name} has no {kind} endpoint; its settings switch on: "
            f"{', '.join(switched_on) or 'none'}"
        )
    session = open_session(settings)
    found = [traffic(session, each, asked) for each in switched_on if kind in (None, each)]
    if as_json:
        console.result({"endpoints": [each.to_json() for each in found]}, as_json=True)
        return
    for number, endpoint in enumerate(found):
        if number:
            click.echo()
        show(endpoint)
    if not any(endpoint.live.exists for endpoint in found):
        console.next_step(f"darkroom deploy --env {environment_name}")
    elif not any(endpoint.requests for endpoint in found):
        console.say("metrics come about a minute after the requests")


def show(endpoint: EndpointTraffic) -> None:
    """An endpoint's tables on stdout; without any requests a line."""
    name, status = endpoint.live.name, endpoint.live.status
    if not endpoint.live.exists:
        click.echo(f"{name}  does not exist")
        return
    shown = "" if status == "InService" else f", {status}"
    requests = f"{endpoint.requests:,} request{'' if endpoint.requests == 1 else 's'}"
    click.echo(f"{name}{shown}  {requests} {_when(endpoint)}")
    if not any(each.traffic.requests for each in endpoint.variants):
        return
    for note in _notes(endpoint):
        click.echo(note)
    cold = any(each.traffic.cold_starts for each in endpoint.variants)
    console.table(
        ["variant", "requests", "share", "weight", "4xx", "5xx", "errors"] + ["cold starts"] * cold,
        [
            _counts(endpoint, each) + [f"{each.traffic.cold_starts:,}"] * cold
            for each in endpoint.variants
        ],
    )
    click.echo()
    console.table(
        ["latency in ms", "p50", "p90", "p99", "overhead p50", "p90", "p99"],
        [
            [
                each.traffic.variant,
                *_cells(each.traffic.model_milliseconds),
                *_cells(each.traffic.overhead_milliseconds),
            ]
            for each in endpoint.variants
        ],
    )


def _when(endpoint: EndpointTraffic) -> str:
    if not endpoint.from_deployment or endpoint.since is None:
        return f"in the last {endpoint.window.words}"
    return f"since {clock(endpoint.since)}, when this configuration was deployed"


def _notes(endpoint: EndpointTraffic) -> list[str]:
    """Whose requests these are, where the window holds more than one configuration's."""
    if not endpoint.reaches_further_back or endpoint.since is None:
        return []
    since = clock(endpoint.since)
    running = [each for each in endpoint.variants if each.model is not None]
    notes = [f"{each.traffic.variant} is {each.model} since {since}" for each in running]
    return [*notes, "earlier requests in this window may be other models', by other weights"]


def _counts(endpoint: EndpointTraffic, variant: VariantShare) -> list[str]:
    found, share = variant.traffic, endpoint.share(variant)
    return [
        found.variant,
        f"{found.requests:,}",
        _percent(share),
        _weight(variant),
        f"{found.client_errors:,}",
        f"{found.server_errors:,}",
        _percent(found.error_rate),
    ]


def _weight(variant: VariantShare) -> str:
    if variant.model is None:
        return "left"
    return f"{'copies ' if variant.shadow else ''}{percent(variant.wanted)}"


def _percent(share: float | None) -> str:
    return "-" if share is None else percent(share)


def _cells(latency: Percentiles) -> list[str]:
    return [
        "-" if value is None else f"{value:,.1f}"
        for value in (latency.p50, latency.p90, latency.p99)
    ]
