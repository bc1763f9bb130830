"""The drill's stack in CloudFormation, made, changed and removed through the CDK."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.outputs import stack_name
from scripts.cdk import start_deploy, start_destroy
from scripts.errors import Refused
from scripts.outputs import describe_stack, is_updating
from scripts.session import Session

KIND: Final = "drill"
"""Of its endpoint, as `realtime` and `serverless` are of the environment's own."""

GONE: Final = "DELETE_COMPLETE"
"""The status of a stack that does not exist, or not any more."""

_LOOK_SECONDS: Final = 1.0
_LAST_WORDS: Final = 300
_END_SECONDS: Final = 10.0


def _nothing() -> None:
    """What to do meanwhile, when there is nothing to do."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stack, deployed from the `sound` or the `broken` stage of an assembly."""

    session: Session
    assembly: Path
    log: Path
    """Everything that the CDK says."""

    @property
    def stack_name(self) -> str:
        return _stack_name(self.session)

    def status(self) -> str:
        """As `stack_status`."""
        return stack_status(self.session)

    def deploy(self, stage: str, meanwhile: Callable[[], None] = _nothing) -> bool:
        """Whether CloudFormation took the stage; `meanwhile` is called about every second."""
        with self.log.open("ab") as log:
            return _wait(start_deploy(self.session, self.assembly, f"{stage}/*", log), meanwhile)

    def settle(self, meanwhile: Callable[[], None] = _nothing) -> str:
        """Wait until CloudFormation does nothing more to the stack; returns its status.

        While it does something a stack cannot be deleted.
        """
        while is_updating(status := self.status()):
            meanwhile()
            time.sleep(_LOOK_SECONDS)
        return status

    def destroy(self, meanwhile: Callable[[], None] = _nothing) -> None:
        """Remove the stack and everything in it. Raises Refused when something is left."""
        if self.settle(meanwhile) == GONE:
            return
        with self.log.open("ab") as log:
            _wait(start_destroy(self.session, self.assembly, "sound/*", log), meanwhile)
        status = self.settle(meanwhile)
        if status != GONE:
            raise Refused(
                f"stack {self.stack_name} could not be removed ({status}: {self.last_words()}); "
                f"repeat with `darkroom drill --env {self.session.settings.name} --clean`"
            )

    def last_words(self) -> str:
        """The end of the CDK's log."""
        text = " ".join(self.log.read_text(encoding="utf-8", errors="replace").split())
        return f"{text[-_LAST_WORDS:]} (all of it: {self.log})"


def stack_status(session: Session) -> str:
    """CloudFormation's word for the environment's drill stack; `GONE` when there is none."""
    stack = describe_stack(session, _stack_name(session))
    return GONE if stack is None else stack["StackStatus"]


def _stack_name(session: Session) -> str:
    settings = session.settings
    return stack_name(settings.app, settings.name, KIND)


def _wait(process: subprocess.Popen[bytes], meanwhile: Callable[[], None]) -> bool:
    """Whether a process ended well. Interrupted, it ends too, and the interrupt goes on."""
    try:
        while process.poll() is None:
            meanwhile()
            time.sleep(_LOOK_SECONDS)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    return process.returncode == 0
