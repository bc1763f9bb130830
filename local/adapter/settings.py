"""The environment variables that ministack reads while it is imported.

Stock: binds 0.0.0.0, keeps S3 bodies in memory, writes state to /tmp, uses Docker when it finds it,
takes the user's own AWS key for root, runs start-up scripts from system folders.
Needed: loopback, everything in the data directory, no Docker, no credentials of the user in the
process.
Touches: the documented variables, `app._collect_scripts`.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

# Credentials, another service's ports or a persistence switch of the user's shell must not reach
# the cloud.
_FOREIGN_PREFIXES = ("AWS_", "MINISTACK_", "LOCALSTACK_", "BOTO_")
_FOREIGN_NAMES = ("SERVICES", "USE_SSL", "EDGE_PORT", "SFTP_ENABLED", "IOT_MTLS_ENABLED", "AUTH")
ROOT_ACCESS_KEY = "test"
ROOT_SECRET_KEY = "test"  # noqa: S105 - ministack's documented root key; the port is loopback only
ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class EmulatorSettings:
    """Where the emulator listens and keeps its files, and whether it enforces IAM."""

    port: int
    state_directory: Path
    objects_directory: Path
    temporary_directory: Path
    enforce_iam: bool

    def variables(self) -> dict[str, str]:
        """What ministack reads at import."""
        return {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "localhost",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "AUTH": "true" if self.enforce_iam else "false",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.state_directory),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.objects_directory),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "TMPDIR": str(self.temporary_directory),
            # A socket that cannot exist: ministack then never imports the Docker client.
            "DOCKER_HOST": f"unix://{self.temporary_directory}/no-docker.sock",
            "LOG_LEVEL": "WARNING",
            # What the cloud starts talks to loopback; a proxy of the user's shell must not see it.
            "NO_PROXY": _with_loopback(os.environ.get("NO_PROXY") or os.environ.get("no_proxy")),
        }

    def apply(self) -> None:
        """Set the variables; must precede the first import of ministack, which reads them once."""
        if "ministack.app" in sys.modules:
            raise RuntimeError("ministack was imported before its settings were applied")
        for name in list(os.environ):
            if name.startswith(_FOREIGN_PREFIXES) or name in _FOREIGN_NAMES:
                del os.environ[name]
        os.environ.pop("no_proxy", None)
        os.environ.update(self.variables())


def _with_loopback(no_proxy: str | None) -> str:
    return ",".join([*filter(None, (no_proxy or "").split(",")), "127.0.0.1", "localhost"])


def run_no_startup_scripts() -> None:
    """Leave scripts in /docker-entrypoint-initaws.d and /etc/localstack alone: they are another
    emulator's."""
    from ministack import app

    app._collect_scripts = lambda *_directories: []
