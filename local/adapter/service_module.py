"""SageMaker as the kind of module that ministack calls a service.

Stock: a service is a Python module with `handle_request`, `get_state`, `load_persisted_state`,
`reset`.
Touches: that contract (documented in ministack's CONTRIBUTING).
"""

from typing import Any

from local.adapter import authorization, control_plane, runtime
from local.adapter.cloudformation_types import current_scope
from local.adapter.denials import denial
from local.adapter.paths import runtime_operation
from local.sagemaker.service import SageMaker

Answer = tuple[int, dict[str, str], bytes]
Query = dict[str, list[str]]


class SageMakerModule:
    """The adapter between ministack's dispatcher and SageMaker's two protocols."""

    def __init__(self, sagemaker: SageMaker) -> None:
        self._sagemaker = sagemaker
        self._frozen: dict[str, Any] | None = None

    async def handle_request(
        self, _method: str, path: str, headers: dict[str, str], body: bytes, query: Query
    ) -> Answer:
        """Answer one request of either protocol."""
        caller = authorization.Caller.of(current_scope(), headers, query)
        is_control_plane = "x-amz-target" in headers
        try:
            if is_control_plane:
                return await control_plane.answer(self._sagemaker, caller, headers, body)
            if runtime_operation(path) is not None:
                return await runtime.answer(self._sagemaker, caller, path, headers, body)
        except authorization.Denied as error:
            return denial(str(error), control_plane=is_control_plane)
        return control_plane.unknown_operation(path)

    def get_state(self) -> dict[str, Any]:
        """What ministack saves."""
        return self._sagemaker.snapshot() if self._frozen is None else self._frozen

    def load_persisted_state(self, state: dict[str, Any]) -> None:
        """Take the saved state back; endpoints start in the background and wait for the front."""
        self._sagemaker.restore(state)

    def reset(self) -> None:
        """Forget everything and stop every process."""
        self._sagemaker.reset()

    def freeze(self) -> None:
        """Keep what is saved as it is now: stopping the instances is not part of the state."""
        self._frozen = self._sagemaker.snapshot()
