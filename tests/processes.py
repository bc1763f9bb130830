"""Which processes a test left behind."""

from pathlib import Path

import psutil


def processes_below(folder: Path) -> list[str]:
    """The command lines of processes that work in `folder` or were started with a path in it."""
    found = []
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            place = process.cwd()
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if str(folder) in " ".join(command) or Path(place).is_relative_to(folder):
            found.append(" ".join(command))
    return found
