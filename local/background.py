"""Start the cloud as a background process and stop it again, leaving nothing behind."""

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from local.daemon import CloudOptions
from local.data_directory import DataDirectory, Record
from local.processes import group_members, kill_group, terminate

_START_PATIENCE_SECONDS = 60.0
_STOP_PATIENCE_SECONDS = 20.0  # the daemon gives itself 15
_POLL_SECONDS = 0.02


class StartFailed(Exception):
    """The cloud ended, or did not answer, before it was ready."""


class StopFailed(Exception):
    """Something of the cloud is still running."""


@dataclass(frozen=True)
class ReadyPipe:
    """The pipe on which a starting cloud says that it is ready, or why it is not."""

    descriptor: int

    def ready(self, record: Record) -> None:
        """Say that the cloud answers."""
        self._say({"ready": vars(record)})

    def failed(self, reason: str) -> None:
        """Say why the cloud cannot start."""
        self._say({"failed": reason})

    def _say(self, message: dict[str, object]) -> None:
        with os.fdopen(self.descriptor, "w") as pipe:
            json.dump(message, pipe)


def start(options: CloudOptions) -> Record:
    """Start the cloud in a session of its own and wait until it answers.

    Raises StartFailed, NotACloudDirectory, OSError.
    """
    directory = options.directory
    directory.claim()
    if not directory.is_locked():  # else the log is another cloud's, which this one cannot replace
        _keep_previous_log(directory.log)
    read_end, write_end = os.pipe()
    with directory.log.open("ab") as log:
        process = subprocess.Popen(
            [*_command(options), "--ready-fd", str(write_end)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(write_end,),
            start_new_session=True,
            env=_environment(),
        )
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        if not select.select([pipe], [], [], _START_PATIENCE_SECONDS)[0]:
            kill_group(process.pid)
            process.wait()
            raise StartFailed(
                f"the cloud did not answer in {_START_PATIENCE_SECONDS:.0f} s; see {directory.log}"
            )
        message = json.loads(pipe.read() or b"{}")
    if "ready" in message:
        process.returncode = 0  # the daemon outlives this command; it is not a child to wait for
        return Record(**message["ready"])
    process.wait()
    raise StartFailed(message.get("failed", f"the cloud ended while starting; see {directory.log}"))


def _command(options: CloudOptions) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "local",
        "up",
        "--foreground",
        "--port",
        str(options.port),
        "--data",
        str(options.directory.root),
    ]
    if options.images is not None:
        command += ["--images", str(options.images)]
    if options.pace is not None:
        command += ["--pace", f"{options.pace:g}"]
    return [*command, "--auth"] if options.enforce_iam else command


def _environment() -> dict[str, str]:
    """Ours, with the folder of this package importable wherever the instances' agents run."""
    here = str(Path(__file__).resolve().parent.parent)
    known = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([here, *known])}


def _keep_previous_log(log: Path) -> None:
    if log.exists():
        log.replace(log.with_name("cloud.previous.log"))


def stop(directory: DataDirectory) -> bool:
    """Stop the cloud of a directory and everything it started; False when none was running.

    Raises StopFailed.
    """
    if not directory.is_locked():
        return False
    pid = _holder(directory)
    try:
        group = os.getpgid(pid)
    except ProcessLookupError:  # it ended since
        group = pid
    deadline = time.monotonic() + _STOP_PATIENCE_SECONDS
    terminate(pid)
    # A cloud in the foreground shares its group with the shell's other programs: only its own
    # leader's counts.
    leads = group == pid
    while directory.is_locked() or (leads and group_members(group)):
        if time.monotonic() > deadline:
            if not leads:
                raise StopFailed(f"process {pid} does not end; stop it where it was started")
            kill_group(group)
            deadline = time.monotonic() + _STOP_PATIENCE_SECONDS
        time.sleep(_POLL_SECONDS)
    return True


def _holder(directory: DataDirectory) -> int:
    deadline = time.monotonic() + _STOP_PATIENCE_SECONDS
    while (pid := directory.holder()) is None:
        if time.monotonic() > deadline:
            raise StopFailed(f"{directory.root} is locked by a program that is not a local cloud")
        time.sleep(_POLL_SECONDS)
    return pid
