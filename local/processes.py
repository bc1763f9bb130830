"""Which processes belong to a cloud, and making them end; a zombie counts as ended."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

_PROC = Path("/proc")


def group_members(group: int) -> list[int]:
    """The live processes of a process group."""
    processes = _from_proc() if (_PROC / "self" / "stat").exists() else _from_ps()
    return [pid for pid, pgid, state in processes if pgid == group and state != "Z"]


def _from_proc() -> list[tuple[int, int, str]]:
    found = []
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended while we looked
                # "pid (name) state ppid pgrp ...": the name may hold spaces and parentheses.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                found.append((int(entry.name), int(fields[2]), fields[0]))
    return found


def _from_ps() -> list[tuple[int, int, str]]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in listing.stdout.splitlines())
    return [(int(pid), int(pgid), state[0]) for pid, pgid, state in rows]


def kill_group(group: int) -> None:
    """SIGKILL every process of a group; no such group is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def terminate(pid: int) -> None:
    """Ask a process to end; one that is gone is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
