"""How busy an instance is: its container's processor time and memory (facts sheet C.12)."""

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from local.instance import descendants
from local.instance.metrics import Datum, MetricStream

_PROC = Path("/proc")
_UTIME = 11  # of the fields after the name: user time, then system time


class Utilization:
    """Publishes CPUUtilization (100 a processor) and MemoryUtilization while the process lives.

    A serverless environment, which is given a part of the machine's memory, has only the latter
    (C.4). Where there is no /proc there are no such metrics.
    """

    def __init__(
        self,
        stream: MetricStream,
        dimensions: Mapping[str, str],
        *,
        period_seconds: float,
        memory_bytes: int | None,
    ) -> None:
        self._stream = stream
        self._dimensions = dict(dimensions)
        self._period_seconds = period_seconds
        self._memory_bytes = memory_bytes

    def start(self) -> None:
        """Begin; returns at once."""
        if (_PROC / "self" / "stat").exists():
            threading.Thread(target=self._watch, name="utilization", daemon=True).start()

    def _watch(self) -> None:
        memory = self._memory_bytes or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        before, since = processor_seconds(descendants.live()), time.monotonic()
        while True:
            time.sleep(self._period_seconds)
            processes, now = descendants.live(), time.monotonic()
            used = processor_seconds(processes)
            # A process that ended took its time with it: never below zero.
            percent = 100 * max(0.0, used - before) / (now - since)
            share = 100 * resident_bytes(processes) / memory
            found = {"MemoryUtilization": share}
            if self._memory_bytes is None:
                found["CPUUtilization"] = percent
            self._stream.publish([self._datum(name, value) for name, value in found.items()])
            before, since = used, now

    def _datum(self, name: str, percent: float) -> Datum:
        return Datum(
            name=name,
            dimensions=self._dimensions,
            when=time.time(),
            unit="Percent",
            values=(percent,),
            counts=(1,),
        )


def processor_seconds(processes: list[int]) -> float:
    """What these processes have used so far."""
    ticks = 0
    for pid in processes:
        fields = _text(pid, "stat").rpartition(")")[2].split()
        ticks += sum(map(int, fields[_UTIME : _UTIME + 2]))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(processes: list[int]) -> int:
    """What these processes hold in memory."""
    pages = sum(int(fields[1]) for pid in processes if (fields := _text(pid, "statm").split()))
    return pages * os.sysconf("SC_PAGE_SIZE")


def _text(pid: int, name: str) -> str:
    """Empty for a process that has ended meanwhile."""
    try:
        return (_PROC / str(pid) / name).read_text()
    except OSError:
        return ""
