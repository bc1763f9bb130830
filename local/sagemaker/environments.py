"""The execution environments of a serverless variant: one request at a time each (C.4)."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from local.sagemaker.server import Server


@dataclass(eq=False, kw_only=True)
class Environment:
    """One model server of a serverless variant."""

    server: Server
    provisioned: bool
    """Kept warm, used or not."""
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Whose request is worked on."""
    requests: int = 0
    """Taken and not answered; above one only where there may be no further environments."""
    last_used: float = field(default_factory=time.monotonic)
    set_up: bool = False
    """Whether its ModelSetupTime was counted."""

    @property
    def starting(self) -> bool:
        return self.server.startup_seconds is None and not self.server.failed


class Environments:
    """Which environment takes a request. Not thread-safe: its owner's lock guards it."""

    def __init__(self, launch: Callable[[], Server], most: int) -> None:
        self._launch = launch
        self._most = most
        self._all: list[Environment] = []

    def __iter__(self) -> Iterator[Environment]:
        """Those that are alive."""
        self._all = [each for each in self._all if not each.server.failed]
        return iter(list(self._all))

    @property
    def provisioned(self) -> list[Environment]:
        """Those that are kept warm and alive."""
        return [each for each in self if each.provisioned]

    def take(self) -> Environment:
        """The environment for one more request: an idle one, else a new one, else the least busy.

        Among idle ones first those kept warm, then the one used last: the others idle out.
        """
        usable = [each for each in self if each.server.ready or each.starting]
        idle = [each for each in usable if not each.requests]
        if idle:
            taken = max(
                idle, key=lambda each: (not each.starting, each.provisioned, each.last_used)
            )
        elif len(self._all) < self._most:
            taken = self._add(provisioned=False)
        else:
            taken = min(usable or self._all, key=lambda each: (each.requests, each.starting))
        taken.requests += 1
        return taken

    def give_back(self, environment: Environment) -> None:
        """One of its requests is answered."""
        environment.requests -= 1
        environment.last_used = time.monotonic()

    def provision(self, count: int) -> list[Environment]:
        """Keep `count` warm, or as many as there may be: those, ready, starting or failed."""
        alive = sorted(self, key=lambda each: not each.provisioned)
        wanted = min(count, self._most)
        for number, each in enumerate(alive):
            each.provisioned = number < wanted
        added = [self._add(provisioned=True) for _ in range(wanted - len(alive))]
        return [*alive[:wanted], *added]

    def retire(self, idle_seconds: float) -> list[Environment]:
        """Take out those that nobody used for so long and nobody keeps warm."""
        before = time.monotonic() - idle_seconds
        retired = [
            each
            for each in self
            if not (each.requests or each.provisioned or each.starting) and each.last_used <= before
        ]
        self._all = [each for each in self._all if each not in retired]
        return retired

    def clear(self) -> list[Environment]:
        """Take out all."""
        cleared, self._all = self._all, []
        return cleared

    def _add(self, *, provisioned: bool) -> Environment:
        added = Environment(server=self._launch(), provisioned=provisioned)
        self._all.append(added)
        return added
