"""The waits of an update: the alarms are watched meanwhile, and the time it may take (C.11)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local.sagemaker.alarms import AlarmWatch
from local.sagemaker.guardrails import Plan
from local.sagemaker.platform import Platform
from local.sagemaker.records import Deployment, Endpoint
from local.sagemaker.server import NotLaunched
from local.sagemaker.statuses import Statuses


class RolledOutBadly(Exception):
    """An alarm was raised, or the time was up: the text is the endpoint's FailureReason."""


class Bake:
    """Watches one update. A wait passes `Timings.pace` times as fast and counts in full."""

    def __init__(
        self, endpoint: Endpoint, deployment: Deployment, plan: Plan, platform: Platform
    ) -> None:
        self._endpoint = endpoint
        self._role_arn = deployment.variants[0].role_arn
        self._plan = plan
        self._platform = platform
        self._started = time.monotonic()
        self._saved_seconds = 0.0
        """How much shorter the waits were than the update asked for."""

    def check_alarms(self) -> None:
        """Raises AlarmsUnreadable where they cannot be read, whatever they say."""
        if self._plan.alarms:
            self._watch().raised()

    def check_time(self) -> None:
        """Raises RolledOutBadly when the update has taken too long."""
        if self._left <= 0:
            raise RolledOutBadly(
                f"The deployment took longer than MaximumExecutionTimeoutInSeconds "
                f"({self._plan.timeout_seconds:g})."
            )

    @contextmanager
    def limit(self, cut: Callable[[], None]) -> Iterator[None]:
        """Have `cut` end what the block waits for once the time is up.

        Raises RolledOutBadly then, whether it ended with NotLaunched or not at all.
        """
        timer = threading.Timer(max(0.0, self._left), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except NotLaunched:
            self.check_time()
            raise
        finally:
            timer.cancel()
        self.check_time()

    def wait(self, seconds: float, statuses: Statuses) -> None:
        """Wait, and look at the alarms until the end, once at least.

        Raises RolledOutBadly for one in ALARM, AlarmsUnreadable, and Unwanted.
        """
        shortened = seconds / self._platform.timings.pace
        self._saved_seconds += seconds - shortened
        deadline = time.monotonic() + shortened
        watch = self._watch() if self._plan.alarms else None
        while True:
            if watch is not None and (raised := watch.raised()):
                raise RolledOutBadly(
                    f"One or more alarms of the deployment are in ALARM: {', '.join(raised)}."
                )
            left = deadline - time.monotonic()
            if left <= 0:
                break
            poll = self._platform.timings.alarm_poll_seconds if watch is not None else left
            statuses.pause(self._endpoint, min(left, poll))
        self.check_time()

    @property
    def _left(self) -> float:
        """Of the time that the update may take; negative when it is up."""
        taken = time.monotonic() - self._started + self._saved_seconds
        return self._plan.timeout_seconds - taken

    def _watch(self) -> AlarmWatch:
        # A session of its own each time: one would expire before a long update ends.
        return AlarmWatch(self._platform, self._endpoint.scope, self._role_arn, self._plan.alarms)
