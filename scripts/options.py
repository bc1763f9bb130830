"""Options that every verb spells the same way."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from config.environments import ENVIRONMENTS

Command = TypeVar("Command", bound=Callable[..., Any])


def environment(command: Command) -> Command:
    """`--env`: which environment the verb works on."""
    return click.option(
        "--env",
        "environment_name",
        type=click.Choice(sorted(ENVIRONMENTS)),
        required=True,
        help="The environment to work on.",
    )(command)


def as_json(command: Command) -> Command:
    """`--json`: the answer on stdout as one JSON object."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the answer as one JSON object."
    )(command)
