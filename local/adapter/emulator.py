"""ministack with every hook and repair in place, and SageMaker inside it."""

import asyncio
import contextlib
import socket
from collections.abc import Collection
from pathlib import Path

from local.adapter import (
    authorization,
    bucket_deletion,
    bucket_properties,
    cloudformation_types,
    denials,
    foreign_copies,
    interrupted_stacks,
    managed_key,
    metric_namespace,
    metric_store,
    object_keys,
    ranged_reads,
    registration,
    settings,
    transport_security,
    web_identity,
)
from local.adapter.alarm_clock import AlarmClock
from local.adapter.autosave import emulator_autosave
from local.adapter.browser_guard import guarded
from local.adapter.census_path import answering_census
from local.adapter.cloud import EmulatedCloud
from local.adapter.control_endpoints import closed
from local.adapter.event_bus import EventBus
from local.adapter.restoration import Restoration, StateUnreadable
from local.adapter.scaling import Scaling
from local.adapter.server import Server
from local.adapter.service_module import SageMakerModule
from local.cloudwatch.metrics import Metrics
from local.sagemaker.images import Images
from local.sagemaker.ports import Scope
from local.sagemaker.service import SageMaker
from local.sagemaker.timings import Timings

_QUICKEST_METRICS_SECONDS = 0.5


class Emulator:
    """A running cloud. Construct it on the event loop, after the settings were applied."""

    def __init__(
        self,
        *,
        listener: socket.socket,
        state_directory: Path,
        instances_directory: Path,
        images: str,
        enforce_iam: bool,
        pace: float,
    ) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._autosave = emulator_autosave(state_directory)
        self._restoration = Restoration(state_directory)
        cloud = EmulatedCloud(
            endpoint_url=self.url,
            data_directory=instances_directory,
            on_change=self._autosave.changed,
            event_bus=EventBus(),
            scaled=self._scaled,
        )
        timings, self._metrics = _timings(pace), Metrics()
        self._sagemaker = SageMaker(cloud, Images.parse(images), timings)
        self._module = SageMakerModule(self._sagemaker)
        self._scaling = Scaling(self._sagemaker, self._metrics, timings, self._autosave.changed)
        self._alarms = AlarmClock(
            self._metrics,
            react=self._scaling.react,
            paced_seconds=self._scaling.paced_seconds,
            on_change=self._autosave.changed,
        )
        self._install()
        from ministack.app import app

        application = self._autosave.watching(app)
        self._server = Server(
            guarded(
                answering_census(
                    closed(application) if enforce_iam else application, self._sagemaker.census
                )
            ),
            listener,
        )
        self._saving = asyncio.ensure_future(self._autosave.run())
        self._background = [self._saving]

    def _scaled(self, scope: Scope, endpoint_name: str) -> Collection[str]:
        """Application Auto Scaling is built upon the SageMaker that asks."""
        return self._scaling.scaled(scope, endpoint_name)

    def _install(self) -> None:
        settings.run_no_startup_scripts()
        self._restoration.install()
        registration.install(registration.SAGEMAKER, self._module)
        authorization.install(self._sagemaker)
        denials.install()
        cloudformation_types.install(self._sagemaker)
        interrupted_stacks.install()
        bucket_properties.install()
        bucket_deletion.install()
        managed_key.install()
        metric_namespace.install()
        metric_store.install(self._metrics)
        self._alarms.install()
        self._scaling.install()
        ranged_reads.install()
        foreign_copies.install()
        object_keys.install()
        transport_security.install()
        web_identity.install()

    async def ready(self) -> None:
        """Return once requests are answered and what the last run left undone is being undone.

        Raises StateUnreadable, and saves nothing then.
        """
        await self._server.ready()
        try:
            self._restoration.check()
        except StateUnreadable:
            self._saving.cancel()
            raise
        interrupted_stacks.resume(self._sagemaker)
        self._scaling.start()
        self._background.append(asyncio.ensure_future(self._alarms.run()))
        self._autosave.changed()

    async def ended(self) -> None:
        """Wait for the server to end by itself; raises what ended it."""
        await self._server.ended()

    async def stop(self) -> None:
        """Save everything, stop the instances while the front still takes their logs, stop the
        front."""
        await self._scaling.stop()
        self._module.freeze()
        interrupted_stacks.freeze()
        for task in self._background:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._autosave.save_now()
        await asyncio.to_thread(self._sagemaker.shutdown)
        await self._server.stop()


def _timings(pace: float) -> Timings:
    """Where scaling passes faster, the metrics that it follows are published as much faster."""
    usual = Timings()
    metrics_seconds = max(_QUICKEST_METRICS_SECONDS, usual.metrics_seconds / pace)
    return Timings(
        pace=pace,
        metrics_seconds=metrics_seconds,
        housekeeping_seconds=min(usual.housekeeping_seconds, metrics_seconds / 2),
    )
