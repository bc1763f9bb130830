"""`darkroom bootstrap`: what an environment needs before its first dataset.

The CDK's own bootstrap of the account and region, then the stacks that exist before any
release: data, training and delivery.
"""

import click

from config.environments import environment
from config.outputs import FOUNDATION
from scripts import console, options
from scripts.cdk import approval, run_cdk
from scripts.outputs import is_bootstrapped, stack_outputs
from scripts.session import open_session


def bootstrap(environment_name: str, *, approve: bool) -> dict[str, str]:
    """Bootstrap the environment's account and deploy its foundation stacks.

    Returns the stacks' outputs by key. Raises Refused.
    """
    settings = environment(environment_name)
    session = open_session(settings)
    account = session.check_account()
    approving = approval(approved=approve)
    if is_bootstrapped(session):
        console.say(f"account {account} in {settings.region} is bootstrapped already")
    else:
        run_cdk(session, "bootstrap", f"aws://{account}/{settings.region}")
    stacks = [f"{settings.name}/{stack}" for stack in FOUNDATION]
    run_cdk(session, "deploy", *stacks, *approving)
    return dict(stack_outputs(session, FOUNDATION).values)


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
