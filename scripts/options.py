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


def override(command: Command) -> Command:
    """`--override REASON`: let a model pass gates that ask for quality or for a proof."""
    return click.option(
        "--override",
        "override_reason",
        metavar="REASON",
        callback=_reason,
        help="Let a gate pass that refuses; the release file records who, when and why.",
    )(command)


def _reason(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("a reason is not empty: it is read in the review")
    return value
