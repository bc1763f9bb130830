"""The directory that one local cloud keeps everything in: state, objects, logs, and who runs it."""

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# A status command probes the lock for an instant; a starting cloud outwaits it.
_LOCK_PATIENCE_SECONDS = 1.0
_LOCK_POLL_SECONDS = 0.02


class DirectoryInUse(Exception):
    """Another process holds the directory's lock."""


class NotACloudDirectory(Exception):
    """The directory holds something, and nothing says that a local cloud put it there."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """The running cloud of a directory, as the others read it."""

    pid: int
    port: int
    url: str
    version: str
    enforce_iam: bool
    pace: float
    started: str


@dataclass(frozen=True)
class DataDirectory:
    """The layout of a data directory; nothing is created before `prepare`."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def objects(self) -> Path:
        return self.root / "objects"

    @property
    def instances(self) -> Path:
        return self.root / "instances"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    @property
    def log(self) -> Path:
        return self.root / "cloud.log"

    @property
    def images(self) -> Path:
        """The images of the last start, so that a restart serves the same endpoints."""
        return self.root / "images.json"

    @property
    def _pace(self) -> Path:
        """The pace of the last start, so that a restart has the same."""
        return self.root / "pace"

    @property
    def _marker(self) -> Path:
        """Says that the directory is a cloud's: only then may anything in it be deleted."""
        return self.root / "local-cloud"

    @property
    def _lock(self) -> Path:
        return self.root / "lock"

    @property
    def _record(self) -> Path:
        return self.root / "cloud.json"

    def claim(self) -> None:
        """Make the directory a cloud's, readable by its owner only. Raises NotACloudDirectory,
        OSError."""
        self.require_ours()
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._marker.exists():
            _write(self._marker, "A local cloud keeps its data here; `reset` deletes it.\n")

    def require_ours(self) -> None:
        """Raise NotACloudDirectory when the directory holds what no cloud put there."""
        entries = {path.name for path in self.root.iterdir()} if self.root.exists() else set()
        if entries - {_writing(self._marker).name} and self._marker.name not in entries:
            raise NotACloudDirectory(
                f"{self.root} is not empty and not a local cloud's data directory; "
                "name an empty or a new one with --data"
            )

    def prepare(self) -> None:
        """Claim the directory and create its folders. Raises NotACloudDirectory, OSError."""
        self.claim()
        for directory in (self.state, self.objects, self.instances):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory; the lock ends with the process, however it ends. Raises
        DirectoryInUse."""
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take(descriptor)
            os.ftruncate(descriptor, 0)
            self._record.unlink(missing_ok=True)  # whatever it says, that cloud is gone
            os.write(descriptor, str(os.getpid()).encode())
            yield
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int) -> None:
        deadline = time.monotonic() + _LOCK_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > deadline:
                    raise DirectoryInUse(
                        f"{self.root} is in use by another local cloud (process {self.holder()}); "
                        "stop it, or name another directory with --data"
                    ) from None
                time.sleep(_LOCK_POLL_SECONDS)
            else:
                return

    def is_locked(self) -> bool:
        """Whether a process holds the directory."""
        try:
            descriptor = os.open(self._lock, os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def holder(self) -> int | None:
        """The process id of the lock's holder; only meaningful while `is_locked`."""
        try:
            return int(self._lock.read_text())
        except (OSError, ValueError):
            return None

    def running(self) -> Record | None:
        """The cloud that runs here; None when none does, or it is still starting."""
        if not self.is_locked():
            return None
        try:
            fields: dict[str, Any] = json.loads(self._record.read_text())
            record = Record(**fields)
        except (OSError, ValueError, TypeError):
            return None
        return record if record.pid == self.holder() else None

    def write_record(self, record: Record) -> None:
        """Say which cloud runs here."""
        _write(self._record, json.dumps(asdict(record)))

    def keep_images(self, text: str) -> None:
        """Remember the images for the next start."""
        _write(self.images, text)

    def pace(self) -> float:
        """How many times as fast waits passed at the last start; 1 before the first."""
        try:
            return float(self._pace.read_text())
        except (OSError, ValueError):
            return 1.0

    def keep_pace(self, pace: float) -> None:
        """Remember the pace for the next start."""
        _write(self._pace, f"{pace:g}\n")

    def remove_record(self) -> None:
        """Say that none runs here."""
        self._record.unlink(missing_ok=True)

    def size_bytes(self) -> int:
        """What the files of the directory add up to."""
        total = 0
        for folder, _, names in os.walk(self.root):
            for name in names:
                with contextlib.suppress(OSError):  # files come and go while the cloud runs
                    total += Path(folder, name).lstat().st_size
        return total

    def wipe_temporary(self) -> None:
        """Empty the private folder for temporary files."""
        _remove(self.temporary)
        self.temporary.mkdir(mode=0o700)

    def wipe(self) -> None:
        """Forget all state and every object. Only what a cloud puts here is touched."""
        for path in (self.state, self.objects, self.instances, self.temporary):
            _remove(path)


def _write(path: Path, text: str) -> None:
    """All at once or not at all."""
    temporary = _writing(path)
    temporary.write_text(text)
    temporary.replace(path)


def _writing(path: Path) -> Path:
    return path.with_suffix(".writing")


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
