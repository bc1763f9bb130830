"""`darkroom history`: the releases of an environment, from the history of its release file."""

import json

import click

from config.environments import environment
from config.first_step import first_step
from scripts import console, options
from scripts.releases.history import History, history_of
from scripts.releases.history_screen import history_screen
from scripts.releases.release_file import ReleaseFile


def history(environment_name: str) -> History:
    """Read the releases of an environment from git; needs no network and changes nothing."""
    return history_of(ReleaseFile(environment=environment(environment_name).name))


@click.command("history")
@options.environment
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="How many releases to show, the newest first.",
)
@options.as_json
def command(environment_name: str, limit: int, as_json: bool) -> None:
    """Show an environment's releases: when, by whom, which models, and how each came to be.

    They are read from the git history of its release file, not from the cloud; `darkroom status`
    says which of them runs.
    """
    found = history(environment_name)
    if as_json:
        click.echo(json.dumps(_value(found, limit), indent=2))
    else:
        console.page(history_screen(found, environment(environment_name).app, limit))
    _say(found, limit)
    if not found.entries:
        console.next_step(first_step(environment(environment_name)))
    elif len(found.entries) > 1:
        console.next_step(f"darkroom rollback --env {environment_name}")


def _value(found: History, limit: int) -> dict[str, object]:
    return {
        "environment": found.environment,
        "file": found.file,
        "ignored_by_git": found.ignored,
        "shallow_clone": found.shallow,
        "older": max(0, len(found.entries) - limit),
        "releases": [entry.to_value() for entry in found.entries[:limit]],
    }


def _say(found: History, limit: int) -> None:
    older = len(found.entries) - limit
    if older > 0:
        console.say(f"\n{older} older, shown with --limit {len(found.entries)}")
    if found.ignored:
        console.say(
            f"{found.file} is ignored by git: it belongs to this machine, so only what it says "
            "now is known"
        )
    elif found.shallow:
        console.say(
            "this clone is shallow: older releases are missing, and the oldest shown may be older "
            "than its commit; `git fetch --unshallow` brings them"
        )
