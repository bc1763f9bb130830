"""The instances behind a variant: started together, replaced when they die, scaled on request."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from local.sagemaker.backend import Closed, NoInstance
from local.sagemaker.exchange import ModelAnswer
from local.sagemaker.invocation import Invocation
from local.sagemaker.platform import Platform
from local.sagemaker.records import Variant
from local.sagemaker.server import NotLaunched, Server
from local.sagemaker.usage import Usage

STEADY_SECONDS = 60.0
LOOK_SECONDS = 0.05  # a server does not tell its fleet when it is ready
_log = logging.getLogger(__name__)


class Fleet:
    """A `Backend` of real-time instances."""

    def __init__(
        self,
        variant: Variant,
        launch: Callable[[Variant], Server],
        usage: Usage,
        platform: Platform,
    ) -> None:
        self.variant = variant
        self.usage = usage
        self._launch = launch
        self._platform = platform
        self._change = threading.Condition()
        self._servers: list[Server] = []
        self._processes: list[Server] = []
        """Every server that may still have processes, those that are being ended too."""
        self._under_way: Counter[Server] = Counter()
        """Requests by server, counted from the moment that one is chosen: `_drain` misses none."""
        self._started = self._closed = False
        self._published = time.monotonic()

    @property
    def instances(self) -> int:
        return sum(server.ready for server in self._servers)

    @property
    def size(self) -> int:
        """How many servers it has, those that are being replaced too."""
        return len(self._servers)

    def start(self) -> None:
        count = self.variant.desired_instance_count
        with self._change:
            if self._closed:
                return
            for _ in range(count):
                self._servers.append(self._launched())
            self._started = True

    def prove(self) -> None:
        for server in list(self._servers):
            server.await_ready()
        if self._closed:
            raise NotLaunched(f"variant {self.variant.name} was stopped while it started")
        self.persist()

    def persist(self) -> None:
        """From now on replace every server that ends or did not come up, however often."""
        for server in list(self._servers):
            self._watch(server)

    def await_whole(self) -> bool:
        """Block until every instance answers; whether they do, and the fleet was not closed."""
        with self._change:
            while not self._closed and not all(server.ready for server in self._servers):
                self._change.wait(LOOK_SECONDS)
            return not self._closed

    def resize(self, count: int) -> None:
        """Have `count` instances. Blocks until new ones answer; raises NotLaunched if one does not.

        After a failure the fleet is as it was.
        """
        with self._change:
            surplus = self._servers[count:]
            self._servers = self._servers[:count]
            missing = 0 if self._closed else count - len(self._servers)
            self._started = True
        added = [self._launched() for _ in range(missing)]
        try:
            for server in added:
                server.await_ready()
        except NotLaunched:
            _end(added, self._platform.timings.hosting_stop_grace_seconds)
            raise
        with self._change:
            closed = self._closed
            if not closed:
                self._servers = [*self._servers, *added]
        if closed:
            surplus = [*surplus, *added]
        else:
            for server in added:
                self._watch(server)
        self._end_drained(surplus)

    def ask(self, invocation: Invocation) -> ModelAnswer:
        limit = self._platform.timings.realtime_payload_bytes
        server = self._choose()
        try:
            return server.ask(invocation, limit)
        finally:
            with self._change:
                self._under_way[server] -= 1
                if not self._under_way[server]:
                    del self._under_way[server]
                    self._change.notify_all()

    def tick(self) -> None:
        timings = self._platform.timings
        period = timings.publication_seconds(self.variant.metrics_period_seconds)
        if time.monotonic() - self._published >= period:
            self._publish()

    def stop(self, *, drain: bool) -> None:
        with self._change:
            self._closed = True
            self._change.notify_all()
            servers, self._servers = self._servers, []
        if drain:
            self._drain(servers)
        self._publish(servers)
        _end(servers, self._platform.timings.hosting_stop_grace_seconds)

    def kill(self) -> None:
        with self._change:
            self._closed = True
            self._change.notify_all()
            servers = list(self._processes)
        for server in servers:
            server.kill()

    def _choose(self) -> Server:
        with self._change:
            # After a restart of the cloud requests come before the servers: they wait for them.
            while not self._closed:
                ready = [server for server in self._servers if server.ready]
                if ready:
                    server = self._route(ready)
                    self._under_way[server] += 1
                    return server
                if self._started and not self._servers:
                    raise Closed  # scaled in to nothing: another deployment has taken over
                if self._started and all(server.failed for server in self._servers):
                    raise NoInstance(self.variant.name)
                self._change.wait(LOOK_SECONDS)
            raise Closed

    def _route(self, ready: list[Server]) -> Server:
        if self.variant.routing_strategy == "LEAST_OUTSTANDING_REQUESTS":
            return min(ready, key=lambda server: self._under_way[server])
        return random.choice(ready)  # noqa: S311 - not for secrets

    def _launched(self) -> Server:
        server = self._launch(self.variant)
        with self._change:
            left = [each for each in self._processes if not each.wait(0)]
            self._processes = [*left, server]
        return server

    def _watch(self, server: Server) -> None:
        threading.Thread(target=self._replace, args=(server,), daemon=True).start()

    def _replace(self, server: Server) -> None:
        """Wait for a server's death and start another in its place, until the fleet is closed."""
        timings = self._platform.timings
        pause = timings.first_restart_pause_seconds
        started = time.monotonic()
        while True:
            server.await_end()
            if time.monotonic() - started > STEADY_SECONDS:
                pause = timings.first_restart_pause_seconds
            with self._change:
                if server not in self._servers:
                    return  # scaled in or stopped: it was meant to end
                _log.warning("a model server of variant %s ended", self.variant.name)
                if (
                    self._change.wait_for(lambda: self._closed, pause)
                    or server not in self._servers
                ):
                    return
                replacement = self._launched()
                self._servers = [replacement if each is server else each for each in self._servers]
            server, started = replacement, time.monotonic()
            pause = min(pause * 2, timings.longest_restart_pause_seconds)

    def _publish(self, servers: list[Server] | None = None) -> None:
        self._published = time.monotonic()
        publisher = next((each for each in servers or self._servers if each.ready), None)
        if publisher is not None and (data := self.usage.drain(self._platform.clock())):
            publisher.publish(data)

    def _end_drained(self, servers: list[Server]) -> None:
        self._drain(servers)
        _end(servers, self._platform.timings.hosting_stop_grace_seconds)

    def _drain(self, servers: Sequence[Server]) -> None:
        """Wait until no request is under way at servers that get no new ones."""
        deadline = time.monotonic() + self._platform.timings.invocation_seconds

        def busy() -> bool:
            return any(self._under_way[server] and not server.failed for server in servers)

        with self._change:
            while busy() and (left := deadline - time.monotonic()) > 0:
                self._change.wait(min(left, LOOK_SECONDS))  # nor does it tell when it failed


def _end(servers: list[Server], grace_seconds: float) -> None:
    for server in servers:
        server.stop()
    for server in servers:
        if not server.wait(grace_seconds + 5):
            server.kill()
            server.wait(5)
