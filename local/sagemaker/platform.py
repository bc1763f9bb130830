"""What running anything takes: the cloud, the images, the timings, and a session of a role."""

import itertools
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local.instance.assignment import RoleSession
from local.sagemaker.images import Images
from local.sagemaker.ports import Cloud, Scope
from local.sagemaker.timings import Timings


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Shared by everything that starts instances."""

    cloud: Cloud
    images: Images
    timings: Timings
    clock: Callable[[], float]
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def session(self, scope: Scope, role_arn: str, name: str) -> RoleSession:
        """A session of the role for one instance. Raises RoleNotAssumable."""
        credentials = self.cloud.assume_role(scope, role_arn, name)
        return RoleSession(
            endpoint_url=self.cloud.endpoint_url,
            region=scope.region,
            access_key_id=credentials.access_key_id,
            secret_access_key=credentials.secret_access_key,
            session_token=credentials.session_token,
        )

    def directory(self, name: str) -> str:
        """A directory of its own for one instance; whoever makes it removes it."""
        return str(self._instances / f"{next(self._numbers)}-{name}")

    def wipe(self) -> None:
        """Remove what instances of an earlier life left: none of them is alive any more."""
        shutil.rmtree(self._instances, ignore_errors=True)

    @property
    def _instances(self) -> Path:
        return self.cloud.data_directory / "instances"


def instance_id() -> str:
    """An id in the form of EC2's."""
    return f"i-{uuid.uuid4().hex[:17]}"
