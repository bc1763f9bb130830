"""`darkroom bootstrap`: what an environment needs before its first dataset.

The CDK's own bootstrap of the account and region, then the stacks that exist before any
release: data, training and delivery.
"""

from pathlib import Path

import click

from config.environments import environment
from config.first_step import first_step
from config.outputs import FOUNDATION
from config.settings import Settings
from scripts import console, options
from scripts.cdk import approval, run_cdk
from scripts.deployment.assembly import stacks_of, synthesized
from scripts.deployment.plan import stack_change
from scripts.deployment.stacks import deployed_stack
from scripts.deployment.templates import Effect
from scripts.outputs import stack_outputs
from scripts.session import Session, open_session
from scripts.toolkit import NO_TOOLKIT, Toolkit, deployed_toolkit


def bootstrap(environment_name: str, *, approve: bool) -> dict[str, str]:
    """Bootstrap the environment's account and deploy its foundation stacks.

    Returns the stacks' outputs by key. Raises Refused.
    """
    settings = environment(environment_name)
    session = open_session(settings)
    account = session.check_account()
    with synthesized() as assembly:
        found = deployed_toolkit(session)
        changed = _changed_stacks(session, assembly)
        ready = found is not None and found.satisfies(settings.bootstrap)
        approving = () if ready and not changed else approval(approved=approve)
        _bootstrap_account(session, account, found)
        if changed:
            # A release without its proof marks these stacks as well, and they hold what a promotion
            # needs to bring the proof; no model is deployed with them.
            run_cdk(session, "deploy", *changed, "--ignore-errors", *approving, assembly=assembly)
        else:
            console.say("nothing to deploy: every foundation stack is as it should be")
    return dict(stack_outputs(session, FOUNDATION).values)


def _changed_stacks(session: Session, assembly: Path) -> list[str]:
    """The ids of the foundation stacks that are not deployed as they were synthesized."""
    ids = {f"{session.settings.name}/{stack}" for stack in FOUNDATION}
    return [
        stack.id
        for stack in stacks_of(assembly, session.settings.name)
        if stack.id in ids
        and stack_change(stack, deployed_stack(session, stack.name)).effect is not Effect.NOTHING
    ]


def _bootstrap_account(session: Session, account: str, found: Toolkit | None) -> None:
    """The CDK's own bootstrap, where there is none yet or the settings ask for more than it has."""
    settings = session.settings
    if found is not None and found.satisfies(settings.bootstrap):
        console.say(f"account {account} in {settings.region} is bootstrapped already")
    else:
        arguments = (found or NO_TOOLKIT).arguments(settings.bootstrap)
        run_cdk(session, "bootstrap", f"aws://{account}/{settings.region}", *arguments)
    beyond = found.beyond(settings.bootstrap) if found else []
    if beyond:
        console.say(
            f"account {account} trusts {', '.join(beyond)} as well, which bootstrap of environment "
            f"{settings.name} does not ask for; if no other app needs it, take it back with "
            f"`npx cdk bootstrap aws://{account}/{settings.region}"
            f"{''.join(f' --untrust {each}' for each in beyond)}`"
        )


@click.command("bootstrap")
@options.environment
@click.option("--yes", "approve", is_flag=True, help="Deploy IAM changes without asking.")
@options.as_json
def command(environment_name: str, approve: bool, as_json: bool) -> None:
    """Prepare the environment's account: the CDK's bootstrap, then the stacks that need no release.

    Run once for an environment; repeating it changes nothing unless the stacks' code did.
    """
    console.result(bootstrap(environment_name, approve=approve), as_json=as_json)
    console.next_step(_next_step(environment(environment_name)))


def _next_step(settings: Settings) -> str:
    """What is promoted into an environment was trained in another."""
    if settings.gates.served_in is not None:
        return first_step(settings)
    return f"darkroom prepare FOLDER --env {settings.name}"
