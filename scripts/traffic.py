"""`darkroom traffic`: requests, errors and latency of every endpoint, by variant."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click

from config.environments import environment
from scripts import console, options
from scripts.errors import Refused
from scripts.serving.live import LiveEndpoint, kinds, live_endpoint
from scripts.serving.metrics import Percentiles, VariantTraffic, variant_traffic
from scripts.serving.running import configured_at
from scripts.serving.shares import percent
from scripts.serving.window import Since, Window
from scripts.session import Session, open_session


@dataclass(frozen=True, kw_only=True)
class VariantShare:
    """A variant's traffic beside the share that its weight stands for."""

    traffic: VariantTraffic
    weight: float
    wanted: float
    """From 0 to 1; of a shadow, the part of the requests that are copied."""

    shadow: bool


@dataclass(frozen=True, kw_only=True)
class EndpointTraffic:
    """What an endpoint did in a window."""

    live: LiveEndpoint
    variants: Sequence[VariantShare]
    configured: datetime | None = None
    """Since when the weights are what they are; None of an endpoint that does not exist."""

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
            "configured": self.configured.isoformat() if self.configured else None,
            "requests": self.requests,
            "variants": [
                {
                    **asdict(each.traffic),
                    "error_rate": each.traffic.error_rate,
                    "shadow": each.shadow,
                    "share": self.share(each),
                    "weight": each.weight,
                    "weight_share": each.wanted,
                }
                for each in self.variants
            ],
        }


def traffic(session: Session, kind: str, window: Window) -> EndpointTraffic:
    """The traffic of the environment's endpoint of that kind."""
    live = live_endpoint(session, kind)
    names = [variant.name for variant in live.variants]
    found = variant_traffic(session, live.name, names, window) if names else []
    return EndpointTraffic(
        live=live,
        configured=configured_at(session, live) if live.exists else None,
        variants=[
            VariantShare(
                traffic=measured,
                weight=variant.current_weight,
                wanted=live.share(variant),
                shadow=variant.shadow,
            )
            for variant, measured in zip(live.variants, found, strict=True)
        ],
    )


@click.command("traffic")
@options.environment
@click.option(
    "--since",
    "window",
    type=Since(),
    default="1h",
    show_default=True,
    help="How far to look back: 15m, 2h, 1d.",
)
@click.option(
    "--endpoint",
    "kind",
    type=click.Choice(["realtime", "serverless"]),
    help="Only this endpoint. [default: all that the settings switch on]",
)
@options.as_json
def command(environment_name: str, window: Window, kind: str | None, as_json: bool) -> None:
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
    found = [traffic(session, each, window) for each in switched_on if kind in (None, each)]
    if as_json:
        console.result(
            {
                "from": window.start.isoformat(),
                "to": window.end.isoformat(),
                "endpoints": [each.to_json() for each in found],
            },
            as_json=True,
        )
        return
    for number, endpoint in enumerate(found):
        if number:
            click.echo()
        show(endpoint, window)
    if not any(endpoint.live.exists for endpoint in found):
        console.next_step(f"darkroom deploy --env {environment_name}")
    elif not any(endpoint.requests for endpoint in found):
        console.say("metrics come about a minute after the requests")


def show(endpoint: EndpointTraffic, window: Window) -> None:
    """An endpoint's tables on stdout; without any requests a line."""
    name, status = endpoint.live.name, endpoint.live.status
    if not endpoint.live.exists:
        click.echo(f"{name}  does not exist")
        return
    shown = "" if status == "InService" else f", {status}"
    requests = f"{endpoint.requests:,} request{'' if endpoint.requests == 1 else 's'}"
    click.echo(f"{name}{shown}  {requests} in the last {window.words}")
    if not any(each.traffic.requests for each in endpoint.variants):
        return
    split = sum(not each.shadow for each in endpoint.variants) > 1
    if split and endpoint.configured and endpoint.configured > window.start:
        since = endpoint.configured.astimezone(UTC)
        click.echo(f"shared by these weights since {since:%H:%M} UTC, by others before")
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


def _counts(endpoint: EndpointTraffic, variant: VariantShare) -> list[str]:
    found, share = variant.traffic, endpoint.share(variant)
    return [
        found.variant,
        f"{found.requests:,}",
        _percent(share),
        f"{'copies ' if variant.shadow else ''}{percent(variant.wanted)}",
        f"{found.client_errors:,}",
        f"{found.server_errors:,}",
        _percent(found.error_rate),
    ]


def _percent(share: float | None) -> str:
    return "-" if share is None else percent(share)


def _cells(latency: Percentiles) -> list[str]:
    return [
        "-" if value is None else f"{value:,.1f}"
        for value in (latency.p50, latency.p90, latency.p99)
    ]
