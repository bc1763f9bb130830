"""A serverless variant: environments on demand, up to MaxConcurrency requests at once (C.4)."""

import threading
import time
from collections.abc import Callable

from local.sagemaker.backend import Closed
from local.sagemaker.environments import Environment, Environments
from local.sagemaker.errors import ApiError
from local.sagemaker.exchange import ModelAnswer
from local.sagemaker.invocation import Invocation
from local.sagemaker.platform import Platform
from local.sagemaker.records import Variant
from local.sagemaker.server import NotLaunched, Server
from local.sagemaker.usage import Usage

NOT_READY = (
    "Either a serverless endpoint variant's resources are still being provisioned, or a "
    "multi-model endpoint is still downloading or loading the target model. Wait and try again."
)


class ServerlessPool:
    """A `Backend` that starts an environment for each concurrent request and ends idle ones."""

    def __init__(
        self,
        variant: Variant,
        launch: Callable[[Variant], Server],
        usage: Usage,
        platform: Platform,
    ) -> None:
        config = variant.desired_serverless
        assert config is not None  # noqa: S101 - what makes a variant serverless
        self.variant = variant
        self.usage = usage
        self._platform = platform
        self._config = config
        self._change = threading.Condition()
        self._environments = Environments(
            lambda: launch(variant), platform.timings.serverless_environments
        )
        self._first: list[Environment] = []
        self._ending: list[Environment] = []
        self._under_way = 0
        self._published = time.monotonic()
        self._repair_at = 0.0
        self._repair_pause = platform.timings.first_restart_pause_seconds
        self._closed = False

    @property
    def instances(self) -> int:
        return 0  # InvocationsPerInstance is no metric of serverless variants

    def start(self) -> None:
        with self._change:
            if not self._closed:
                self._first = self._environments.provision(max(1, self._provisioned))

    def prove(self) -> None:
        """See the first environments answer /ping; those that are not provisioned end again."""
        if not self._first:
            raise NotLaunched(f"variant {self.variant.name} was stopped before it started")
        for environment in self._first:
            environment.server.await_ready()
            environment.set_up = True  # nobody has waited for it
        with self._change:
            self._environments.provision(self._provisioned)
            retired = self._retired(idle_seconds=0)
        self._end(retired)

    def reconfigure(self, config: dict[str, int] | None) -> None:
        """Take another ServerlessConfig; blocks until what it provisions is warm.

        Raises NotLaunched; the configuration before can then be taken again.
        """
        with self._change:
            if self._closed or config is None or config == self._config:
                return
            self._config = config
            provisioned = self._environments.provision(self._provisioned)
        for environment in provisioned:
            environment.server.await_ready()
            environment.set_up = True

    def ask(self, invocation: Invocation) -> ModelAnswer:
        environment = self._take()
        try:
            self._await_warm(environment)
            limit = self._platform.timings.serverless_payload_bytes
            with environment.turn:
                return environment.server.ask(invocation, limit)
        finally:
            with self._change:
                self._under_way -= 1
                self._environments.give_back(environment)
                self._change.notify_all()

    def tick(self) -> None:
        timings = self._platform.timings
        period = timings.publication_seconds(self.variant.metrics_period_seconds)
        if time.monotonic() - self._published >= period:
            self._publish()
        with self._change:
            self._repair()
            retired = self._retired(timings.serverless_idle_seconds)
        if retired:  # on a thread of its own: it waits for processes to end
            threading.Thread(target=self._end, args=(retired,), daemon=True).start()

    def stop(self, *, drain: bool) -> None:
        with self._change:
            self._closed = True
            if drain:
                timeout = self._platform.timings.invocation_seconds
                self._change.wait_for(lambda: self._under_way == 0, timeout)
        self._publish()
        with self._change:
            cleared = self._environments.clear()
            self._ending += cleared
        self._end(cleared)

    def kill(self) -> None:
        with self._change:
            self._closed = True
            environments = [*self._ending, *self._environments.clear()]
        for environment in environments:
            environment.server.kill()

    @property
    def _provisioned(self) -> int:
        return self._config.get("ProvisionedConcurrency", 0)

    def _take(self) -> Environment:
        with self._change:
            if self._closed:
                raise Closed
            most = self._config["MaxConcurrency"]
            if self._under_way >= most:
                raise ApiError("ThrottlingException", None)
            environment = self._environments.take()
            self._under_way += 1
            values = {"ServerlessConcurrentExecutionsUtilization": self._under_way / most}
            if self._provisioned:
                values |= self._provisioned_use()
                name = "Invocations" if environment.provisioned else "SpilloverInvocations"
                values[f"ServerlessProvisionedConcurrency{name}"] = 1
        self.usage.record_values(values)
        return environment

    def _provisioned_use(self) -> dict[str, float]:
        used = sum(each.requests for each in self._environments.provisioned)
        return {
            "ServerlessProvisionedConcurrencyExecutions": used,
            "ServerlessProvisionedConcurrencyUtilization": used / self._provisioned,
        }

    def _await_warm(self, environment: Environment) -> None:
        """Raises NotLaunched, and ModelNotReadyException where it takes too long."""
        if not environment.server.await_ready(self._platform.timings.serverless_wait_seconds):
            raise ApiError("ModelNotReadyException", NOT_READY, 429)
        if not environment.set_up:
            with self._change:
                first, environment.set_up = not environment.set_up, True
            if first:
                self.usage.record_setup(environment.server.startup_seconds or 0.0)

    def _repair(self) -> None:
        """Start again what is to be kept warm and has ended, with pauses that double."""
        if self._closed or not self._provisioned:
            return
        timings, now = self._platform.timings, time.monotonic()
        provisioned = self._environments.provisioned
        if len(provisioned) >= min(self._provisioned, timings.serverless_environments):
            if all(each.server.ready for each in provisioned):
                self._repair_pause = timings.first_restart_pause_seconds
        elif now >= self._repair_at:
            for each in self._environments.provision(self._provisioned):
                each.set_up = True  # nobody waits for it
            self._repair_at = now + self._repair_pause
            self._repair_pause = min(self._repair_pause * 2, timings.longest_restart_pause_seconds)

    def _retired(self, idle_seconds: float) -> list[Environment]:
        retired = self._environments.retire(idle_seconds)
        self._ending += retired
        return retired

    def _end(self, environments: list[Environment]) -> None:
        if environments:
            self._publish(environments[0].server)
        for environment in environments:
            environment.server.stop()
        grace = self._platform.timings.hosting_stop_grace_seconds
        for environment in environments:
            if not environment.server.wait(grace + 5):
                environment.server.kill()
        with self._change:
            self._ending = [each for each in self._ending if each not in environments]

    def _publish(self, server: Server | None = None) -> None:
        """With the session of one of the environments; without any it waits for the next."""
        self._published = time.monotonic()
        with self._change:
            ready = [each.server for each in self._environments if each.server.ready]
            if ready and self._provisioned:
                self.usage.record_values(self._provisioned_use())
        publisher = server or next(iter(ready), None)
        if publisher is not None and publisher.ready:
            data = self.usage.drain(self._platform.clock())
            if data:
                publisher.publish(data)
