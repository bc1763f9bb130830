"""`python -m local`: start, stop and look at the local cloud (also reached as `darkroom local`).

Exit codes: 0 done, 1 refused or failed with one line on stderr, 2 usage.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from local.adapter.pin import WrongEmulator
from local.data_directory import DataDirectory, DirectoryInUse, NotACloudDirectory, Record
from local.listening import PortTaken

_DEFAULT_PORT = 4566
_DEFAULT_DATA = ".darkroom/local"
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _data_option(command: _Command) -> _Command:
    return click.option(
        "--data",
        "directory",
        default=_DEFAULT_DATA,
        show_default=True,
        metavar="DIR",
        callback=lambda _context, _option, value: DataDirectory(Path(value).absolute()),
        help="The directory that the cloud keeps everything in.",
    )(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def local() -> None:
    """The local cloud: AWS on this machine's loopback, with a SageMaker that trains and serves."""


@local.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help=f"Default {_DEFAULT_PORT}; 0 takes a free one."
)
@_data_option
@click.option(
    "--images",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="JSON: what each image URI runs. Default: those of the directory's last start.",
)
@click.option(
    "--auth", is_flag=True, envvar="AUTH", help="Enforce IAM and signatures (or AUTH=true)."
)
@click.option(
    "--pace",
    type=click.FloatRange(1, 3600),
    metavar="N",
    help="Waits of updates and scaling pass N times as fast. Default: as at the last start, or 1.",
)
@click.option("--foreground", is_flag=True, help="Stay in the terminal; Ctrl-C stops the cloud.")
@click.option("--ready-fd", type=int, hidden=True)
def up(
    port: int | None,
    directory: DataDirectory,
    images: Path | None,
    auth: bool,
    pace: float | None,
    foreground: bool,
    ready_fd: int | None,
) -> None:
    """Start the cloud and wait until it answers."""
    from local import background, daemon

    if not foreground and (record := directory.running()) is not None:
        _require_same(record, directory, port, images, auth=auth, pace=pace)
        _say_running("already running", record, directory)
        return
    options = daemon.CloudOptions(
        directory=directory,
        port=_DEFAULT_PORT if port is None else port,
        enforce_iam=auth,
        images=images and images.absolute(),
        pace=pace,
    )
    if foreground:
        _run_here(options, ready_fd)
    try:
        record = background.start(options)
    except (background.StartFailed, NotACloudDirectory, OSError) as error:
        _fail(error)
    _say_running("running", record, directory)


def _require_same(
    record: Record,
    directory: DataDirectory,
    port: int | None,
    images: Path | None,
    *,
    auth: bool,
    pace: float | None,
) -> None:
    """A cloud that runs otherwise than asked is not what the caller wants."""
    differences = []
    if port not in (None, 0, record.port):
        differences.append(f"on port {record.port}, not {port}")
    if auth != record.enforce_iam:
        differences.append("with IAM enforced" if record.enforce_iam else "without IAM enforcement")
    if pace not in (None, record.pace):
        differences.append(f"at pace {record.pace:g}, not {pace:g}")
    if images is not None and not _are_kept(images, directory):
        differences.append("with other images")
    if differences:
        _fail(
            f"the cloud already runs {' and '.join(differences)}; "
            f"stop it first with: {_command('down', directory)}"
        )


def _are_kept(images: Path, directory: DataDirectory) -> bool:
    try:
        return bool(json.loads(images.read_text()) == json.loads(directory.images.read_text()))
    except ValueError:  # whatever it is, it is not what runs
        return False
    except OSError as error:
        _fail(error)


def _run_here(options: Any, ready_fd: int | None) -> NoReturn:
    from local import background, daemon

    pipe = None if ready_fd is None else background.ReadyPipe(ready_fd)

    def announce(record: Record) -> None:
        if pipe is not None:
            pipe.ready(record)
        else:
            _say_running("running", record, options.directory)

    try:
        daemon.run(options, announce)
    except (
        DirectoryInUse,
        NotACloudDirectory,
        PortTaken,
        WrongEmulator,
        OSError,
        ValueError,
    ) as error:
        if pipe is not None:
            pipe.failed(str(error))
        _fail(error)
    raise AssertionError("the daemon ends the process itself")


@local.command()
@_data_option
def down(directory: DataDirectory) -> None:
    """Stop the cloud and every process it started; what it keeps stays."""
    from local import background

    try:
        stopped = background.stop(directory)
    except background.StopFailed as error:
        _fail(error)
    click.echo(f"stopped ({directory.root} keeps its state)" if stopped else "not running")


@local.command()
@_data_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(directory: DataDirectory, as_json: bool) -> None:
    """Say whether the cloud runs, where, and what it holds."""
    from local.front import FrontSilent
    from local.status import look

    try:
        seen = look(directory)
    except FrontSilent as error:
        _fail(error)
    if as_json:
        click.echo(json.dumps(seen.as_json()))
        return
    size = f"{directory.root}, {seen.size_bytes / 2**20:.1f} MiB"
    if seen.record is None:
        click.echo(f"not running ({size}); start it with: {_command('up', directory)}")
        return
    auth = "IAM enforced" if seen.record.enforce_iam else "IAM not enforced"
    pace = "" if seen.record.pace == 1 else f", waits pass {seen.record.pace:g} times as fast"
    click.echo(f"running at {seen.record.url} since {seen.record.started}, {auth}{pace}")
    click.echo(f"process {seen.record.pid}, {seen.record.version}")
    click.echo(f"data in {size}")
    for line in seen.held():
        click.echo(line)


@local.command()
@_data_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(directory: DataDirectory, yes: bool) -> None:
    """Forget everything: buckets, stacks, roles, models, jobs, endpoints."""
    from local import background, daemon

    if not yes:
        if not sys.stdin.isatty():
            _fail(f"reset deletes everything in {directory.root}; confirm with --yes")
        click.confirm(f"Delete everything in {directory.root}?", abort=True)
    record = directory.running()
    try:
        directory.require_ours()
        background.stop(directory)
        if directory.root.is_dir():
            with directory.locked():
                directory.wipe()
        if record is not None:
            options = daemon.CloudOptions(
                directory=directory,
                port=record.port,
                enforce_iam=record.enforce_iam,
                images=None,
                pace=record.pace,
            )
            background.start(options)
    except (
        background.StopFailed,
        background.StartFailed,
        DirectoryInUse,
        NotACloudDirectory,
        OSError,
    ) as error:
        _fail(error)
    click.echo(
        f"{directory.root} is empty" + ("" if record is None else f"; running at {record.url}")
    )


def _account_id(
    _context: click.Context, _option: click.Parameter, account: str | None
) -> str | None:
    if account is not None and re.fullmatch(r"[0-9]{12}", account) is None:
        raise click.BadParameter(f"{account!r} is no account id; name twelve digits")
    return account


@local.command()
@_data_option
@click.option(
    "--account",
    metavar="ID",
    callback=_account_id,
    help="Twelve digits: as the root of this account. [default: the cloud's own, 000000000000]",
)
@click.option("--unset", is_flag=True, help="Print what undoes it: back to AWS in this shell.")
def env(directory: DataDirectory, account: str | None, unset: bool) -> None:
    """Print the variables for the AWS CLI and SDKs: eval "$(darkroom local env)"."""
    from local import exports

    if unset:
        click.echo(exports.unset())
        return
    record = directory.running()
    if record is None:
        _fail(f"the local cloud is not running; start it with: {_command('up', directory)}")
    click.echo("\n".join(exports.exports(record.url, account)))


@local.command()
def fidelity() -> None:
    """Print what is real, simulated and missing, as in the README (Markdown)."""
    from local.fidelity import table

    click.echo(table())


def _say_running(state: str, record: Record, directory: DataDirectory) -> None:
    click.echo(f"local cloud {state} at {record.url}")
    click.echo(f"data in {directory.root}")
    needed = "" if record.port == _DEFAULT_PORT else " (needed: no verb looks at this port without)"
    click.echo(f'next: eval "$({_command("env", directory)})"{needed}', err=True)


def _command(verb: str, directory: DataDirectory) -> str:
    """What to type for the same directory."""
    command = f"darkroom local {verb}"
    default = Path(_DEFAULT_DATA).absolute()
    return command if directory.root == default else f"{command} --data {directory.root}"


def _fail(error: object) -> NoReturn:
    click.echo(f"darkroom local: {error}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    os.umask(0o077)
    local(prog_name="darkroom local")
