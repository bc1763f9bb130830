"""The background work of Application Auto Scaling: one thread, so that changes have an order.

Stock: an alarm's action on a scaling policy is stored and never executed.
Needed: an alarm that changes endpoints without holding up the event loop it is evaluated on.
Touches: nothing.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from local.adapter.scaling_surroundings import EmulatedSurroundings
from local.autoscaling.service import AutoScaling
from local.sagemaker.ports import Scope

TICK_SECONDS = 1.0
_LOG = logging.getLogger("local.autoscaling")


class ScalingWork:
    """Runs reactions to alarms, and the service's ticks."""

    def __init__(self, autoscaling: AutoScaling, surroundings: EmulatedSurroundings) -> None:
        self._autoscaling = autoscaling
        self._surroundings = surroundings
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="autoscaling")
        self._waiting: set[str] = set()

    def react(
        self, scope: Scope, policy_arn: str, alarm_name: str, values: tuple[float, ...]
    ) -> None:
        """Have the policy react to its alarm soon; an alarm that waits already waits once."""
        if policy_arn + alarm_name in self._waiting:
            return
        self._waiting.add(policy_arn + alarm_name)

        def work() -> None:
            self._waiting.discard(policy_arn + alarm_name)
            self._autoscaling.react(scope, policy_arn, alarm_name, values)

        self._thread.submit(_logged, work)

    async def run(self) -> None:
        """Tick until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await loop.run_in_executor(self._thread, _logged, self._tick)

    def _tick(self) -> None:
        self._autoscaling.tick()
        for scope, variant in self._autoscaling.fleets():
            self._surroundings.publish_idleness(scope, variant, time.time())

    def stop(self) -> None:
        """Finish what is under way and take nothing more."""
        self._thread.shutdown(wait=True, cancel_futures=True)


def _logged(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:  # noqa: BLE001 - the thread goes on with the next alarm, and the cause is in the log
        _LOG.exception("scaling failed")
