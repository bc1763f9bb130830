"""`darkroom`: the verbs of the journey, each loaded only when it is typed."""

import sys
from importlib import import_module
from typing import Any, Final, NamedTuple, NoReturn

import click

from algorithm.contract.hyperparameters import HyperparameterError
from algorithm.contract.images import RegionError
from algorithm.contract.instances import InstanceTypeError
from config.errors import ConfigurationError
from config.mistake import mistake_in_environments
from dataset.errors import DatasetError
from scripts.errors import Refused, Stopped

_FORESEEN: Final = (
    Refused,
    ConfigurationError,
    DatasetError,
    HyperparameterError,
    InstanceTypeError,
    RegionError,
)


class Verb(NamedTuple):
    """Where a verb is implemented, and what the list of verbs says of it."""

    module: str
    help: str


# In the order of the journey; the help shows them so.
_VERBS: Final = {
    "local": Verb("scripts.local", "Start, stop and look at the local cloud."),
    "bootstrap": Verb("scripts.bootstrap", "Prepare an account: CDK bootstrap, buckets, roles."),
    "prepare": Verb("scripts.prepare", "Inspect, split and upload a folder of labelled photos."),
    "train": Verb("scripts.train", "Launch a training job and follow it to its end."),
    "release": Verb("scripts.release", "Put a training job's model into the release file."),
    "promote": Verb("scripts.promote", "Carry a release that one environment serves to the next."),
    "split": Verb("scripts.split", "Say how champion and challengers share the traffic."),
    "deploy": Verb("scripts.deploy", "Deploy the released model and prove that it runs."),
    "status": Verb("scripts.status", "Show what answers: variants, traffic, instances, alarms."),
    "invoke": Verb("scripts.invoke", "Send photos, print class names with probabilities."),
    "traffic": Verb("scripts.traffic", "Show requests, errors and latencies by variant."),
    "shadow": Verb("scripts.shadow", "Compare the shadow's answers with the champion's."),
    "drill": Verb("scripts.drill", "Prove that a bad release is caught and undone."),
    "rollback": Verb("scripts.rollback", "Write the release before this one as a new change."),
    "history": Verb("scripts.history", "Show an environment's releases, with metrics and dates."),
    "card": Verb("scripts.card", "Write the model card of a training job."),
    "diff": Verb("scripts.diff", "Show what a change would do to every environment."),
    "cost": Verb("scripts.cost", "Estimate what an environment costs a month."),
    "prices": Verb("scripts.prices", "Show and renew the price list in the repository."),
}


class Verbs(click.Group):
    """A group whose commands are imported on use: `darkroom --help` must not cost a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        verb = _VERBS.get(cmd_name)
        if verb is None:
            return None
        command: click.Command = import_module(verb.module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.help) for name, verb in _VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        known = list(_VERBS)
        if args and args[0] not in known and not args[0].startswith("-"):
            close = get_close_matches(args[0], known, n=1)
            hint = f"; did you mean `{close[0]}`?" if close else f"; verbs: {', '.join(known)}"
            ctx.fail(f"no such verb: {args[0]}{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="darkroom", message="darkroom %(version)s")
def darkroom() -> None:
    """From a folder of labelled photos to a safely updated SageMaker endpoint.

    \b
    The journey: local up (only on a laptop), bootstrap, prepare, train, release, deploy, invoke.
    """


def main() -> None:
    """Run the CLI."""
    run(darkroom, "darkroom")


def run(command: click.Command, name: str) -> NoReturn:
    """Run a command and end the process; every error is one line on stderr and exit code 1."""
    try:
        code: Any = command.main(prog_name=name, standalone_mode=False)
    except click.exceptions.Abort:
        click.echo(f"\n{name}: interrupted; repeat the same command to go on", err=True)
        sys.exit(130)
    except Stopped as error:
        click.echo(f"\n{name}: interrupted; {error}", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except _FORESEEN as error:
        click.echo(f"{name}: {error}", err=True)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - no traceback reaches an operator (design 7)
        click.echo(f"{name}: {_one_line(error)}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _one_line(error: Exception) -> str:
    """The text for an error that no verb foresaw; `DARKROOM_TRACEBACK=1` shows where it rose."""
    import os

    from botocore.exceptions import BotoCoreError, ClientError

    if os.environ.get("DARKROOM_TRACEBACK"):
        raise error
    if (mistake := mistake_in_environments(error)) is not None:
        return mistake
    if isinstance(error, BotoCoreError | ClientError):
        from scripts.aws_errors import explain

        return explain(error)
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError):
        return text
    return f"{type(error).__name__}: {text} (set DARKROOM_TRACEBACK=1 to see where)"
