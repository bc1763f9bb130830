"""SageMaker as the cloud around it sees it: one object, two planes, one state."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from local.sagemaker import permissions, shapes
from local.sagemaker.captures import Captures
from local.sagemaker.census import Census, census
from local.sagemaker.data_plane import DataPlane
from local.sagemaker.endpoint_configs import EndpointConfigs
from local.sagemaker.endpoints import Endpoints
from local.sagemaker.errors import unknown_operation
from local.sagemaker.images import Images
from local.sagemaker.invocation import Answer, Invocation
from local.sagemaker.live_endpoints import LiveEndpoints
from local.sagemaker.models import Models
from local.sagemaker.platform import Platform
from local.sagemaker.ports import Cloud, Scope
from local.sagemaker.statuses import Statuses
from local.sagemaker.store import Store
from local.sagemaker.tags import Tags
from local.sagemaker.timings import Timings
from local.sagemaker.training_jobs import TrainingJobs
from local.sagemaker.training_runs import TrainingRuns

Operation = Callable[[Scope, dict[str, Any]], dict[str, Any]]


class SageMaker:
    """The service. Thread-safe; knows no emulator.

    Make one only where its data directory is yours alone: it removes what an earlier one left.
    """

    def __init__(
        self,
        cloud: Cloud,
        images: Images,
        timings: Timings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._platform = Platform(
            cloud=cloud, images=images, timings=timings or Timings(), clock=clock
        )
        self._platform.wipe()
        self._store = Store(cloud.changed)
        statuses = Statuses(self._store, self._platform)
        self._captures = Captures(self._platform)
        self._live = LiveEndpoints(self._store, self._platform, statuses, self._captures)
        self._runs = TrainingRuns(self._store, self._platform)
        self._endpoints = Endpoints(self._store, self._platform, self._live, statuses)
        self._data_plane = DataPlane(self._store, self._platform, self._live, self._captures)
        self._operations = self._table()

    @property
    def operations(self) -> tuple[str, ...]:
        """The API operations that are implemented."""
        return tuple(sorted(self._operations))

    def call(self, scope: Scope, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """One operation of the control plane; never waits for a process. Raises ApiError."""
        implementation = self._operations.get(operation)
        if implementation is None:
            raise unknown_operation(operation)
        shapes.check_request(operation, request)
        permissions.check_passed_role(scope, operation, request)
        return shapes.response(operation, implementation(scope, request))

    def invoke(self, scope: Scope, invocation: Invocation) -> Answer:
        """InvokeEndpoint; blocks while the model works. Raises ApiError."""
        return self._data_plane.invoke(scope, invocation)

    def passed_role(self, operation: str, request: dict[str, Any]) -> str | None:
        """The role for which the caller needs `iam:PassRole`, if any."""
        return permissions.passed_role(operation, request)

    def resource_arns(self, scope: Scope, operation: str, request: dict[str, Any]) -> list[str]:
        """The resources that the operation needs permission for."""
        return permissions.resource_arns(scope, operation, request)

    def further_actions(self, operation: str, request: dict[str, Any]) -> list[str]:
        """What the caller needs beside the operation's action, on the first of its resources."""
        return permissions.further_actions(operation, request)

    def wait_until_settled(self, scope: Scope, endpoint_name: str) -> dict[str, Any]:
        """Block until the endpoint is InService or Failed; its description.

        An update that failed is InService with its old EndpointConfigName and a FailureReason.
        Raises ApiError when there is no such endpoint (any more).
        """
        description = self._endpoints.wait_until_settled(scope, endpoint_name)
        return shapes.response("DescribeEndpoint", description)

    def census(self) -> Census:
        """How much each account holds."""
        return census(self._store)

    def snapshot(self) -> dict[str, Any]:
        """All state, as JSON values."""
        return self._store.snapshot()

    def restore(self, state: dict[str, Any]) -> None:
        """Put a snapshot back, in the background bring its endpoints up again.

        Training jobs that were running have failed. Raises ValueError for an unknown version.
        """
        self._stop_everything()
        self._store.restore(state)
        self._runs.fail_interrupted()
        with self._store.lock:
            for endpoint in self._store.endpoints:
                if endpoint.status == "Deleting":
                    self._store.endpoints.remove(endpoint)
                elif endpoint.status != "Failed":
                    if endpoint.status == "SystemUpdating":
                        endpoint.failure_reason = None  # of a start that is now made again
                    if endpoint.status == "RollingBack":
                        endpoint.pending = None  # what serves is what it went back to
                    if endpoint.current is not None:
                        endpoint.status = "SystemUpdating"
                    self._live.revive(endpoint)

    def reset(self) -> None:
        """End every process and forget everything."""
        with self._store.lock:
            for registry in self._store.registries:
                registry.clear()
            self._store.changed()
        self._stop_everything()

    def shutdown(self) -> None:
        """End every process. The state stays as it is: take the snapshot before."""
        self._live.shutdown()
        self._captures.shutdown()
        self._runs.shutdown()
        with contextlib.suppress(OSError):
            self._platform.wipe()

    def _stop_everything(self) -> None:
        self._live.clear()
        self._runs.shutdown()

    def _table(self) -> dict[str, Operation]:
        models = Models(self._store, self._platform.clock)
        configs = EndpointConfigs(self._store, self._platform.clock)
        endpoints = self._endpoints
        jobs = TrainingJobs(self._store, self._platform, self._runs)
        tags = Tags(self._store)
        return {
            "CreateModel": models.create,
            "DescribeModel": models.describe,
            "ListModels": models.page,
            "DeleteModel": models.delete,
            "CreateEndpointConfig": configs.create,
            "DescribeEndpointConfig": configs.describe,
            "ListEndpointConfigs": configs.page,
            "DeleteEndpointConfig": configs.delete,
            "CreateEndpoint": endpoints.create,
            "DescribeEndpoint": endpoints.describe,
            "ListEndpoints": endpoints.page,
            "UpdateEndpoint": endpoints.update,
            "UpdateEndpointWeightsAndCapacities": endpoints.update_weights_and_capacities,
            "DeleteEndpoint": endpoints.delete,
            "CreateTrainingJob": jobs.create,
            "DescribeTrainingJob": jobs.describe,
            "ListTrainingJobs": jobs.page,
            "StopTrainingJob": jobs.stop,
            "DeleteTrainingJob": jobs.delete,
            "AddTags": tags.add,
            "ListTags": tags.page,
            "DeleteTags": tags.delete,
        }
