"""`cdk deploy` as a child: followed, logged, ended in order, and its failure explained."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

from rich.live import Live

from scripts import console
from scripts.cdk import REPOSITORY, start_deploy
from scripts.deployment.plan import Plan
from scripts.deployment.progress import Progress
from scripts.deployment.screen import progress_board
from scripts.errors import Refused
from scripts.outputs import describe_stack
from scripts.serving.live import KINDS, live_endpoint
from scripts.session import Session

_LOGS: Final = REPOSITORY / ".darkroom" / "deploy"
_KEPT_LOGS: Final = 20
_TAIL_LINES: Final = 30
_POLL_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 5.0


def run_deployment(session: Session, plan: Plan, assembly: Path, *, verbose: bool) -> None:
    """Deploy what was planned and tell each step; return when every stack is as synthesized.

    Raises Refused with the cause when a stack fails or is rolled back, and KeyboardInterrupt
    after the child has ended; CloudFormation itself goes on then, and it says so.
    """
    progress = Progress(session=session, plan=plan)
    progress.begin()
    path = _new_log(plan.environment)
    with path.open("wb") as log, _signals_interrupt():
        process = start_deploy(session, assembly, f"{plan.environment}/*", log)
        try:
            _follow(process, progress, path if verbose else None)
        except KeyboardInterrupt:
            _end(process)
            _tell_what_goes_on(session, plan)
            raise
        finally:
            _end(process)
    if process.returncode != 0:
        raise Refused(_failure(session, progress, path))


def _follow(process: subprocess.Popen[bytes], progress: Progress, verbose: Path | None) -> None:
    started = time.monotonic()
    told = 0
    # Lines and a board at once would be the same news twice.
    board = console.board() if console.on_terminal() and verbose is None else None
    with board or contextlib.nullcontext():
        running = True
        while running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_POLL_SECONDS)
                running = False  # one last look at what happened until the end
            for line in progress.look():
                if verbose is None:
                    console.event(line)
            if verbose is not None:
                told = _pass_on(verbose, told)
            _redraw(board, progress, time.monotonic() - started)


def _redraw(board: Live | None, progress: Progress, seconds: float) -> None:
    if board is not None:
        board.update(progress_board(progress, seconds))


def _pass_on(log: Path, offset: int) -> int:
    """Say the log's whole lines from `offset` on; where they ended."""
    with log.open("rb") as file:
        file.seek(offset)
        lines = file.read()
    whole = lines[: lines.rfind(b"\n") + 1]
    for line in whole.decode("utf-8", "replace").splitlines():
        console.say(line)
    return offset + len(whole)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and what it started; nothing is left behind."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE_SECONDS)


@contextlib.contextmanager
def _signals_interrupt() -> Iterator[None]:
    """A closed terminal or a stopped pipeline ends the child as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _tell_what_goes_on(session: Session, plan: Plan) -> None:
    name = plan.environment
    again = f"`darkroom deploy --env {name}` goes on and proves the result"
    for stack in plan.changed:
        described = describe_stack(session, stack.name)
        if described is not None and described["StackStatus"].endswith("_IN_PROGRESS"):
            console.say(
                f"CloudFormation goes on with stack {stack.name} "
                f"({described['StackStatus']}): `darkroom status --env {name}` shows how far it "
                f"is, {again}"
            )
            return
    console.say(f"no stack is being changed now; {again}")


def _failure(session: Session, progress: Progress, log: Path) -> str:
    """One line: which stack ended how, what caused it, and where the CDK's own words are."""
    ended = [
        f"stack {stack.name} is {described['StackStatus']}"
        for stack in progress.plan.changed
        if (described := describe_stack(session, stack.name)) is not None
        and ("ROLLBACK" in described["StackStatus"] or "FAILED" in described["StackStatus"])
    ]
    causes = [*progress.causes]
    endpoints = [live_endpoint(session, kind) for kind in KINDS]
    for endpoint in endpoints:
        reason = endpoint.failure_reason
        if reason and not any(reason in cause for cause in causes):
            causes.append(f"endpoint {endpoint.name}: {reason}")
    if not causes:
        _show_tail(log)
    what, why = ", ".join(ended) or "cdk deploy failed", "; ".join(causes)
    parts = [
        f"{what}: {why or 'the last words of the CDK are above'}",
        *(f"{each.name} is {each.status}" for each in endpoints if each.exists),
        f"everything the CDK said is in {log.relative_to(REPOSITORY)}",
        "mend the cause and repeat",
    ]
    return "; ".join(parts)


def _show_tail(log: Path) -> None:
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]:
        console.say(line)


def _new_log(environment: str) -> Path:
    _LOGS.mkdir(parents=True, exist_ok=True)
    kept = sorted(_LOGS.glob(f"{environment}-*.log"))
    for old in kept[: max(0, len(kept) - _KEPT_LOGS + 1)]:
        old.unlink(missing_ok=True)
    return _LOGS / f"{environment}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.log"
