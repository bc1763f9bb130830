"""Which machine the figures are of."""

import os
import platform
import sys


def machine() -> str:
    """Processor, cores, memory, system and Python, in one line; no name of the host."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {cores} cores, {gibibytes:.0f} GiB, "
        f"{platform.system()} {platform.release().split('-')[0]}, "
        f"Python {sys.version.split()[0]}"
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - a kernel file
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()
