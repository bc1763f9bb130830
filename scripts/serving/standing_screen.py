"""The standing of an environment's serving, on one screen."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scripts.releases.job_name import short_job_name
from scripts.serving.live import LiveEndpoint, LiveVariant
from scripts.serving.rollout import RolloutPolicy, duration
from scripts.serving.standing import Standing
from scripts.serving.steps import step_of

_HEALTHY = "InService"


def standing_screen(standing: Standing, now: datetime | None = None) -> RenderableType:
    """Endpoints with their variants; the release; the last deployment."""
    parts: list[RenderableType] = [*_header(standing, now or datetime.now(UTC))]
    for endpoint in standing.endpoints:
        parts += ["", *_endpoint(standing, endpoint)]
    parts += [Text(text, "yellow") for text in standing.watch.unseen]
    return Group(*parts)


def _header(standing: Standing, now: datetime) -> Iterator[RenderableType]:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(standing.environment, "bold"), _release(standing))
    if standing.stack_status is not None and standing.deployed_at is not None:
        ago = duration((now - standing.deployed_at).total_seconds())
        status = standing.stack_status.lower().replace("_", " ")
        style = "red" if "rollback" in status or "failed" in status else ""
        grid.add_row("deployed", Text(f"{ago} ago, {status}", style))
    yield grid
    for clause in standing.differences:
        yield Padding(Text(clause, "yellow"), (0, 0, 0, 2))


def _release(standing: Standing) -> Text:
    release = standing.release
    if release is None:
        return Text("no release file" + (", but endpoints run" if standing.deployed else ""))
    file = f"config/releases/{standing.environment}.json ({release.digest[:12]})"
    if standing.in_step:
        return Text(f"in step with {file}", "green")
    if standing.updating:
        return Text(f"being changed; the release file is {file}", "cyan")
    if not standing.deployed:
        return Text(f"{file} is not deployed", "yellow")
    return Text(f"not in step with {file}", "yellow")


def _endpoint(standing: Standing, endpoint: LiveEndpoint) -> Iterator[RenderableType]:
    style = "green" if endpoint.status == _HEALTHY else "bold red"
    if endpoint.busy and endpoint.status != "RollingBack":
        style = "cyan"
    if not endpoint.exists:
        yield Text.assemble((endpoint.name, "bold"), "  ", ("not deployed", "dim"))
        return
    line = Text.assemble((endpoint.name, "bold"), "  ", (endpoint.status, style))
    if endpoint.capture_percent is not None:
        line.append(f"  captures {endpoint.capture_percent} %", "dim")
    yield line
    if endpoint.status != _HEALTHY:
        yield _indented(Text(step_of(endpoint), style))
    yield _indented(_variants(standing, endpoint))
    if endpoint.last_deployment:
        policy = RolloutPolicy.read(endpoint.last_deployment)
        # An endpoint that was only created has had none, but has the way of those to come.
        said = "last rollout did not come to its end" if endpoint.failure_reason else "updates by"
        yield _indented(Text(f"{said}  {policy.describe()}", "dim"))
    if endpoint.failure_reason:
        yield _indented(Text(endpoint.failure_reason, "red"))


def _variants(standing: Standing, endpoint: LiveEndpoint) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("variant", no_wrap=True)
    # These give way, over more lines; whether something is wrong is to be seen at any width.
    table.add_column("training job", overflow="fold")
    table.add_column("accuracy", justify="right", no_wrap=True)
    table.add_column("traffic", justify="right", no_wrap=True)
    table.add_column("serverless" if endpoint.serverless else "instances", overflow="fold")
    table.add_column("alarms", no_wrap=True)
    for variant in endpoint.variants:
        model = standing.model_of(variant)
        table.add_row(
            variant.name,
            short_job_name(model, standing.app) if model else _artifact(variant),
            f"{model.metrics['validation_accuracy']:.4f}" if model else "-",
            _traffic(endpoint, variant),
            _fleet(standing, endpoint, variant),
            _alarms(standing, endpoint, variant),
        )
    return table


def _artifact(variant: LiveVariant) -> Text:
    """A model that the release file does not know, by what it was made from."""
    return Text(f"? {variant.artifact}", "yellow")


def _traffic(endpoint: LiveEndpoint, variant: LiveVariant) -> str:
    share = f"{100 * endpoint.share(variant):.4g} %"
    after = endpoint.pending.share(variant.name) if endpoint.pending else None
    if after is not None and f"{100 * after:.4g} %" != share:
        share = f"{share} -> {100 * after:.4g} %"
    if variant.shadow:
        return f"copy of {share}"
    if after is None and variant.desired_weight != variant.current_weight:
        total = sum(each.desired_weight for each in endpoint.variants if not each.shadow)
        return f"{share} -> {100 * variant.desired_weight / total if total else 0:.4g} %"
    return share


def _fleet(standing: Standing, endpoint: LiveEndpoint, variant: LiveVariant) -> str:
    if variant.serverless:
        warm = variant.provisioned_concurrency
        return f"{variant.memory_size_mb} MB x {variant.max_concurrency}" + (
            f", {warm} warm" if warm else ""
        )
    now, wanted = variant.current_instances or 0, variant.desired_instances or 0
    count = str(now) if now == wanted else f"{now} -> {wanted}"
    limits = standing.watch.limits_of(endpoint.name, variant.name)
    scaled = f" of {limits.least}..{limits.most}" if limits else ""
    return f"{count}{scaled} {variant.instance_type or ''}".strip()


def _alarms(standing: Standing, endpoint: LiveEndpoint, variant: LiveVariant) -> Text:
    alarms = standing.watch.alarms_of(endpoint.name, variant.name)
    firing = [alarm.metric for alarm in alarms if alarm.firing]
    if firing:
        return Text("\n".join(f"ALARM {metric}" for metric in firing), "bold red")
    if not alarms:
        return Text("none", "dim")
    silent = sum(alarm.state != "OK" for alarm in alarms)
    return Text("OK" if not silent else "no data yet", "green" if not silent else "dim")


def _indented(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, 2))
