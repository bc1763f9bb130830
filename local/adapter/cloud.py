"""The cloud around SageMaker, as ministack plays it: the port that `local.sagemaker` is built
against."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.adapter import role_sessions
from local.adapter.event_bus import EventBus
from local.sagemaker.ports import Credentials, Scope


@dataclass(frozen=True, kw_only=True)
class EmulatedCloud:
    """One running emulator: where it answers, where instances keep files, whom it lets act as a
    role."""

    endpoint_url: str
    data_directory: Path
    on_change: Callable[[], None]
    event_bus: EventBus
    scaled: Callable[[Scope, str], Collection[str]]

    def assume_role(self, scope: Scope, role_arn: str, session_name: str) -> Credentials:
        """Open a session of the role as the SageMaker service does. Raises RoleNotAssumable."""
        return role_sessions.assume_role(scope, role_arn, session_name)

    def changed(self) -> None:
        """Have SageMaker's state saved soon."""
        self.on_change()

    def emit(
        self, scope: Scope, detail_type: str, resources: list[str], detail: dict[str, Any]
    ) -> None:
        """Put an event of SageMaker on the default bus soon."""
        self.event_bus.emit(scope, detail_type, resources, detail)

    def scaled_variants(self, scope: Scope, endpoint_name: str) -> Collection[str]:
        """The endpoint's variants that Application Auto Scaling holds."""
        return self.scaled(scope, endpoint_name)
