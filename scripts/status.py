"""`darkroom status`: what answers now, how it is, and whether it is what the release file says."""

import json

import click

from config.environments import environment
from config.first_step import first_step
from scripts import console, options
from scripts.serving.standing import Standing, standing_of
from scripts.serving.standing_screen import standing_screen
from scripts.session import open_session


def status(environment_name: str) -> Standing:
    """Look at the environment's endpoints, their alarms and their release; changes nothing."""
    session = open_session(environment(environment_name))
    session.check_account()
    return standing_of(session)


@click.command("status")
@options.environment
@options.as_json
def command(environment_name: str, as_json: bool) -> None:
    """Show the endpoints: variants, models, traffic, instances, alarms, how updates reach them."""
    standing = status(environment_name)
    if as_json:
        click.echo(json.dumps(standing.to_value(), indent=2, default=str))
    else:
        console.page(standing_screen(standing))
    if standing.updating:
        console.next_step(f"darkroom status --env {environment_name}")
    elif standing.release is None:
        console.next_step(first_step(environment(environment_name)))
    elif not standing.in_step:
        console.next_step(f"darkroom deploy --env {environment_name}")
