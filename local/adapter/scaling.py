"""Application Auto Scaling put together: the service, what it stands on, and its thread.

Stock: nothing of it.
Touches: nothing beside what its parts say."""

import asyncio
import contextlib
from collections.abc import Callable, Collection

from local.adapter import registration, scaling_authorization, scaling_types
from local.adapter.scaling_module import ScalingModule
from local.adapter.scaling_surroundings import EmulatedSurroundings
from local.adapter.scaling_work import ScalingWork
from local.autoscaling.service import AutoScaling
from local.cloudwatch.metrics import Metrics
from local.sagemaker.ports import Scope
from local.sagemaker.service import SageMaker
from local.sagemaker.timings import Timings

PUBLICATIONS_A_PERIOD = 4


class Scaling:
    """One running Application Auto Scaling."""

    def __init__(
        self,
        sagemaker: SageMaker,
        metrics: Metrics,
        timings: Timings,
        on_change: Callable[[], None],
    ) -> None:
        surroundings = EmulatedSurroundings(sagemaker, metrics, on_change)
        self._timings = timings
        self._autoscaling = AutoScaling(surroundings, timings.pace)
        self._work = ScalingWork(self._autoscaling, surroundings)
        self._ticking: asyncio.Task[None] | None = None

    def install(self) -> None:
        """Make it one of the emulator's services, under IAM and CloudFormation."""
        registration.install(registration.AUTO_SCALING, ScalingModule(self._autoscaling))
        scaling_authorization.install(self._autoscaling)
        scaling_types.install(self._autoscaling)

    def start(self) -> None:
        """Begin to tick."""
        self._ticking = asyncio.ensure_future(self._work.run())

    async def stop(self) -> None:
        """Change no endpoint any more."""
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        await asyncio.to_thread(self._work.stop)

    def react(
        self, scope: Scope, policy_arn: str, alarm_name: str, values: tuple[float, ...]
    ) -> None:
        """An alarm of a scaling policy is in ALARM. Returns at once."""
        self._work.react(scope, policy_arn, alarm_name, values)

    def paced_seconds(self, period: float) -> float:
        """How long a period of a scaling policy's alarm really takes.

        It passes `pace` times as fast, but not so fast that a period could hold no publication
        of an endpoint's metrics, and look idle.
        """
        shortest = PUBLICATIONS_A_PERIOD * self._timings.metrics_seconds
        return min(period, max(period / self._timings.pace, shortest))

    def scaled(self, scope: Scope, endpoint_name: str) -> Collection[str]:
        """An endpoint's registered variants."""
        return self._autoscaling.scaled(scope, endpoint_name)
