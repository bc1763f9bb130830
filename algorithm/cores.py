"""How many processor cores this container may use."""

import os
from pathlib import Path

_CONTROL_GROUP = Path("/sys/fs/cgroup/cpu.max")


def cores(limit_file: Path = _CONTROL_GROUP) -> int:
    """The cores of this process's affinity mask, or fewer where the container's quota is lower.

    `os.cpu_count()` would count the host's: threads beyond the quota only wait for each other.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    available = allowed or 1
    try:
        quota, period = limit_file.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return available
    if quota == "max":
        return available
    return max(1, min(available, round(int(quota) / int(period))))
