"""Every process that began in a container, also one that left its process group and session."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
PAUSE_SECONDS = 0.01
KILL_SECONDS = 10.0  # only a process stuck in the kernel takes longer to die

_PROC = Path("/proc")


def adopt() -> None:
    """Make this process the parent of every descendant whose own parent ends (Linux only).

    Without it an orphan becomes a child of the machine's first process and cannot be told from
    anybody else's. Elsewhere a container's processes are known by their process group alone.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill() -> None:
    """SIGKILL all live descendants of this process, and those they start meanwhile."""
    deadline = time.monotonic() + KILL_SECONDS
    while (alive := live()) and time.monotonic() < deadline:
        for pid in alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(PAUSE_SECONDS)


def live() -> list[int]:
    """The descendants of this process that still run, parents before their children."""
    children: dict[int, list[tuple[int, str]]] = {}
    for pid, parent, state in _processes():
        children.setdefault(parent, []).append((pid, state))
    found: list[int] = []
    parents = [os.getpid()]
    while parents:
        for pid, state in children.get(parents.pop(), ()):
            parents.append(pid)
            if state not in "ZX":  # a zombie runs no more, whoever has still to collect it
                found.append(pid)
    return found


def _processes() -> list[tuple[int, int, str]]:
    """Id, parent's id and state of every process; none where there is no /proc."""
    found: list[tuple[int, int, str]] = []
    if not (_PROC / "self" / "stat").exists():
        return found
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended while we looked
                # "pid (name) state ppid ...": the name may hold spaces and parentheses.
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                found.append((int(entry.name), int(parent), state))
    return found
