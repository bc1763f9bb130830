"""Application Auto Scaling as the kind of module that ministack calls a service.

Stock: has EC2's Auto Scaling, and nothing of this service (JSON 1.1, `AnyScaleFrontendService`).
Touches: the contract of a service (documented in ministack's CONTRIBUTING).
"""

from typing import Any

from local.adapter import authorization, control_plane, scaling_authorization
from local.adapter.cloudformation_types import current_scope
from local.adapter.control_plane import Answer
from local.adapter.denials import denial
from local.autoscaling.service import AutoScaling
from local.sagemaker.errors import ApiError

Query = dict[str, list[str]]


class ScalingModule:
    """The adapter between ministack's dispatcher and the service."""

    def __init__(self, autoscaling: AutoScaling) -> None:
        self._autoscaling = autoscaling

    async def handle_request(
        self, _method: str, path: str, headers: dict[str, str], body: bytes, query: Query
    ) -> Answer:
        """Answer one request."""
        from ministack.core.concurrency import run_offloop

        if "x-amz-target" not in headers:
            return control_plane.unknown_operation(path)
        operation = headers["x-amz-target"].rpartition(".")[2]
        caller = authorization.Caller.of(current_scope(), headers, query)
        try:
            request = control_plane.decode(body)
            scaling_authorization.check(caller, operation, request)
            reply = await run_offloop(self._autoscaling.call, caller.scope, operation, request)
        except ApiError as error:
            return control_plane.failure(error)
        except authorization.Denied as error:
            return denial(str(error), control_plane=True)
        return control_plane.success(reply)

    def get_state(self) -> dict[str, Any]:
        """What ministack saves."""
        return self._autoscaling.snapshot()

    def load_persisted_state(self, state: dict[str, Any]) -> None:
        """Take the saved state back."""
        self._autoscaling.restore(state)

    def reset(self) -> None:
        """Forget everything."""
        self._autoscaling.reset()
