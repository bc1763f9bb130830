"""A serverless variant: a process only while there are requests, and a limit to their number."""

import threading
import time
from collections.abc import Callable

from local.sagemaker.backend import Closed
from local.sagemaker.errors import ApiError
from local.sagemaker.invocation import Invocation
from local.sagemaker.platform import Platform
from local.sagemaker.records import Variant
from local.sagemaker.server import ModelAnswer, NotLaunched, Server
from local.sagemaker.usage import Usage


class ServerlessProcess:
    """A `Backend` that starts its process on the first request (facts sheet C.4).

    One process serves all concurrent requests, where AWS runs one environment for each; beyond
    MaxConcurrency both throttle.
    """

    def __init__(
        self,
        variant: Variant,
        launch: Callable[[Variant], Server],
        usage: Usage,
        platform: Platform,
    ) -> None:
        assert variant.serverless is not None  # noqa: S101 - what makes a variant serverless
        self.variant = variant
        self.usage = usage
        self._launch = launch
        self._platform = platform
        self._max_concurrency = variant.serverless["MaxConcurrency"]
        self._change = threading.Condition()
        self._server: Server | None = None
        self._ending: list[Server] = []
        self._under_way = 0
        self._last_used = self._published = time.monotonic()
        self._closed = False

    @property
    def instances(self) -> int:
        return 0  # InvocationsPerInstance is no metric of serverless variants

    def start(self) -> None:
        with self._change:
            if self._closed:
                return
            self._server = self._launch(self.variant)

    def prove(self) -> None:
        """Start it once, see it answer /ping, and let it go: an idle variant holds no process."""
        server = self._server
        if server is None:
            raise NotLaunched(f"variant {self.variant.name} was stopped while it started")
        server.await_ready()
        self._let_go()

    def ask(self, invocation: Invocation) -> ModelAnswer:
        with self._change:
            if self._closed:
                raise Closed
            if self._under_way >= self._max_concurrency:
                raise ApiError("ThrottlingException", None)
            self._under_way += 1
        try:
            limit = self._platform.timings.serverless_payload_bytes
            return self._warm().ask(invocation, limit)
        finally:
            with self._change:
                self._under_way -= 1
                self._last_used = time.monotonic()
                self._change.notify_all()

    def tick(self) -> None:
        now = time.monotonic()
        timings = self._platform.timings
        if now - self._published >= timings.metrics_seconds:
            self._publish(self._server)
        with self._change:
            warm = self._server is not None
            idle = self._under_way == 0 and now - self._last_used >= timings.serverless_idle_seconds
        if warm and idle:
            # On a thread of its own: it waits for the process to end.
            threading.Thread(target=self._let_go, daemon=True).start()

    def stop(self, *, drain: bool) -> None:
        with self._change:
            self._closed = True
            if drain:
                timeout = self._platform.timings.invocation_seconds
                self._change.wait_for(lambda: self._under_way == 0, timeout)
        self._let_go()

    def kill(self) -> None:
        with self._change:
            self._closed = True
            servers = [*self._ending, *filter(None, [self._server])]
        for server in servers:
            server.kill()

    def _warm(self) -> Server:
        """The process, started if there is none; all who ask meanwhile wait for the same one."""
        with self._change:
            if self._closed:
                raise Closed
            cold = self._server is None or self._server.failed
            if cold:
                self._server = self._launch(self.variant)
            server = self._server
        assert server is not None  # noqa: S101 - just launched where it was not
        started = time.monotonic()
        server.await_ready()
        if cold:
            self.usage.record_setup(time.monotonic() - started)
        return server

    def _let_go(self) -> None:
        with self._change:
            if self._under_way and not self._closed:
                return
            server, self._server = self._server, None
            if server is None:
                return
            self._ending.append(server)
        self._publish(server)
        server.stop()
        grace = self._platform.timings.hosting_stop_grace_seconds
        if not server.wait(grace + 5):
            server.kill()
        with self._change:
            self._ending.remove(server)

    def _publish(self, server: Server | None) -> None:
        self._published = time.monotonic()
        if server is not None and server.ready:
            data = self.usage.drain(self._platform.clock())
            if data:
                server.publish(data)
