"""The container: an image's command line as a child process that cannot outlive this one."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import IO

from local.instance import descendants
from local.instance.assignment import RoleSession

PR_SET_PDEATHSIG = 1

# What a container may see of the cloud's own environment: where programs and libraries are, and
# nothing that speaks of the operator (credentials above all).
INHERITED = (
    "PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "OMP_NUM_THREADS",
    "CUDA_VISIBLE_DEVICES",
)


class Container:
    """A running container. Start it from the main thread: the death signal follows the thread.

    It is the only child of this process; so what descends from this process is the container's.
    """

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        """Raises OSError when the command cannot be started."""
        self._process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dies_with(os.getpid()),  # noqa: PLW1509 - one prctl call, no locks
        )

    @property
    def pid(self) -> int:
        """Also its process group, to which a container's children belong unless they leave it."""
        return self._process.pid

    @property
    def console(self) -> IO[bytes]:
        """Standard output and standard error, as they come."""
        assert self._process.stdout is not None  # noqa: S101 - narrows the type; PIPE above
        return self._process.stdout

    def wait(self) -> int:
        """The exit code as a shell would say it: 128 + n for a process that signal n ended."""
        code = self._process.wait()
        # What it left behind goes as well, as it does with a real container.
        self._kill_group()
        descendants.kill()
        return 128 - code if code < 0 else code

    def terminate(self) -> None:
        """Ask the main process to end, as `docker stop` does."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End every process of the container at once, also after its main process has ended."""
        if self._process.poll() is None:
            self._kill_group()
        descendants.kill()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def container_environment(
    session: RoleSession, given: Mapping[str, str], *, isolated: bool = False
) -> dict[str, str]:
    """The environment of a container: the request's own wins over the platform's.

    An isolated one gets no credentials and is not told where the cloud answers (facts B.1).
    """
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    region = {"AWS_REGION": session.region, "AWS_DEFAULT_REGION": session.region}
    if isolated:
        return {**inherited, **region, **given}
    return {
        **inherited,
        **region,
        "AWS_ENDPOINT_URL": session.endpoint_url,
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
        **given,
    }


def _dies_with(parent: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None  # elsewhere the end of standard input alone tells an instance to stop
    prctl = ctypes.CDLL(None).prctl

    def leash() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the leash was on
            os._exit(1)

    return leash
