"""`darkroom bootstrap`: what an environment needs before its first dataset.

The CDK's own bootstrap of the account and region, then the stacks that exist before any
release: data, training and delivery.
"""

import click

from config.environments import environment
from config.outputs import FOUNDATION
from scripts import console, options
from scripts.cdk import approval, run_cdk
from scripts.outputs import stack_outputs
from scripts.session import Session, open_session
from scripts.toolkit import NO_TOOLKIT, deployed_toolkit


def bootstrap(environment_name: str, *, approve: bool) -> dict[str, str]:
    """Bootstrap the environment's account and deploy its foundation stacks.

    Returns the stacks' outputs by key. Raises Refused.
    """
    settings = environment(environment_name)
    session = open_session(settings)
    account = session.check_account()
    approving = approval(approved=approve)
    _bootstrap_account(session, account)
    stacks = [f"{settings.name}/{stack}" for stack in FOUNDATION]
    # A release without its proof marks these stacks as well, and they hold what a promotion needs
    # to bring the proof; no model is deployed with them.
    run_cdk(session, "deploy", *stacks, "--ignore-errors", *approving)
    return dict(stack_outputs(session, FOUNDATION).values)


def _bootstrap_account(session: Session, account: str) -> None:
    """The CDK's own bootstrap, where there is none yet or the settings ask for more than it has."""
    settings = session.settings
    found = deployed_toolkit(session)
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
    console.next_step(f"darkroom prepare FOLDER --env {environment_name}")
