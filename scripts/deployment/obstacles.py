"""What is in the way of an endpoint's change, found before anything is changed."""

from collections.abc import Iterator

from config.roles import in_order
from scripts.deployment.planned import PlannedEndpoint
from scripts.deployment.templates import Effect
from scripts.serving.live import LiveEndpoint


def obstacles_of(
    before: PlannedEndpoint | None,
    after: PlannedEndpoint | None,
    effect: Effect,
    live: LiveEndpoint | None,
    stack_config: str | None = None,
) -> Iterator[str]:
    """Why SageMaker or CloudFormation would refuse, or not do, the change; one line each.

    `effect` is what the templates alone say; `stack_config` is the configuration that the stack
    believes the endpoint runs.
    """
    yield from _strays(before, effect, live, stack_config)
    if effect is Effect.NOTHING or live is None or not live.exists:
        return
    yield from _status_obstacles(before, live)
    if after is None or effect is Effect.IN_PLACE:
        return
    if before is None:
        yield (
            f"endpoint {live.name} exists already and belongs to no stack; delete it with `aws "
            f"sagemaker delete-endpoint --endpoint-name {live.name}`, and repeat"
        )
        return
    if live.variants and live.serverless != after.serverless:
        yield (
            f"endpoint {live.name} is {_kind(serverless=live.serverless)} and would become "
            f"{_kind(serverless=after.serverless)}: no update does that; switch it off in "
            "config/environments.py, deploy, switch it on again, and deploy"
        )
    yield from _name_obstacles(after, live)
    if effect is Effect.NEW_FLEET:
        yield from _size_obstacles(after, live)
    yield from _scaling_obstacles(before, after)


def _strays(
    before: PlannedEndpoint | None,
    effect: Effect,
    live: LiveEndpoint | None,
    stack_config: str | None,
) -> Iterator[str]:
    """Where the endpoint is not what its stack believes, and the stack would leave it so."""
    if before is None or live is None or effect is Effect.REMOVED:
        return
    if not live.exists:
        yield (
            f"endpoint {live.name} was deleted behind its stack's back; remove the stack with "
            "`npx cdk destroy`, and deploy again"
        )
    elif (
        effect in (Effect.NOTHING, Effect.IN_PLACE)
        and stack_config is not None
        and not live.busy
        and live.endpoint_config_name != stack_config
    ):
        yield (
            f"endpoint {live.name} runs configuration {live.endpoint_config_name}, but its stack "
            f"says {stack_config}: an update was rolled back or made behind CloudFormation's back "
            f"({live.failure_reason or 'no reason given'}), and to deploy the same again changes "
            "nothing; release another model, or repeat the update with `aws sagemaker "
            f"update-endpoint --endpoint-name {live.name} --endpoint-config-name {stack_config} "
            "--retain-all-variant-properties`"
        )


def _status_obstacles(before: PlannedEndpoint | None, live: LiveEndpoint) -> Iterator[str]:
    if live.busy:
        yield (
            f"endpoint {live.name} is {live.status}, and takes one change at a time; wait until "
            "it is InService (`darkroom status` shows it), and repeat"
        )
    if live.status == "Failed" and before is not None:
        yield (
            f"endpoint {live.name} is Failed ({live.failure_reason or 'no reason given'}) and can "
            "only be deleted; remove its stack with `npx cdk destroy`, and deploy again"
        )


def _name_obstacles(after: PlannedEndpoint, live: LiveEndpoint) -> Iterator[str]:
    running, names = in_order(live.by_role), in_order(after.by_name)
    if not after.policy.needs_the_same_variants or running == names:
        return
    yield (
        f"endpoint {live.name} has the variants {', '.join(running)} and would have "
        f"{', '.join(names)}, but a {after.policy.name} rollout needs the same "
        "ones before and after; set rollout=AllAtOnce() in config/environments.py for this "
        "deployment"
    )


def _size_obstacles(after: PlannedEndpoint, live: LiveEndpoint) -> Iterator[str]:
    """A rollout in parts is held against the fleet that runs: an update keeps it (design D15)."""
    for variant in after.variants:
        running = live.by_role.get(variant.name)
        fleet = (running.desired_instances if running else None) or variant.instances
        if fleet is None or after.policy.fits(fleet):
            continue
        yield (
            f"variant {variant.name} of endpoint {live.name} has {fleet} "
            f"instance{'' if fleet == 1 else 's'}, and no part of a {after.policy.name} rollout "
            "may be more than half of them; give it more with `aws sagemaker "
            f"update-endpoint-weights-and-capacities --endpoint-name {live.name} "
            f"--desired-weights-and-capacities VariantName={variant.name},"
            f"DesiredInstanceCount={after.policy.smallest_fleet}`, or choose another rollout in "
            "config/environments.py"
        )


def _scaling_obstacles(before: PlannedEndpoint, after: PlannedEndpoint) -> Iterator[str]:
    """SageMaker keeps a scaled variant and its instance type while it is scaled (facts C.10)."""
    for name in sorted(before.scaled):
        old, new = before.by_name.get(name), after.by_name.get(name)
        if old is None or (new is not None and new.instance_type == old.instance_type):
            continue
        what = "leave" if new is None else f"move to {new.instance_type}"
        yield (
            f"variant {name} of endpoint {before.name} would {what} while Application Auto Scaling "
            "holds it; deploy once with scaling=None in config/environments.py, then this"
        )


def _kind(*, serverless: bool) -> str:
    return "serverless" if serverless else "on instances"
