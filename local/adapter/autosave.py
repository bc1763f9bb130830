"""Save every service's state soon after it changed, so that SIGKILL loses next to nothing.

Stock: PERSIST_STATE=1 writes one JSON file a service at a clean shutdown only; after SIGKILL the
stacks of that run were gone.
Needed: a save within about a second of the last change, made on the event loop (services are
mutated there), written and flushed to disk beside it. Touches:
`app._build_persistence_save_dict`, `persistence._json_default`, `._state_format_version`."""

import asyncio
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.adapter.asgi import Application, Receive, RequestScope, Send

_LOG = logging.getLogger("local.autosave")
_READ_ONLY_METHODS = ("GET", "HEAD", "OPTIONS")
# At most this share of the event loop goes into saving, however large the state grows.
_LOOP_SHARE = 0.05

Encode = Callable[[str, Any], str]


class Autosave:
    """Watches for changes and writes the services whose state differs from what was last
    written."""

    def __init__(
        self,
        services: Callable[[], Mapping[str, Callable[[], Any]]],
        encode: Encode,
        directory: Path,
        quiet_seconds: float = 0.5,
    ) -> None:
        self._services = services
        self._encode = encode
        self._directory = directory
        self._quiet_seconds = quiet_seconds
        self._written: dict[str, bytes] = {}
        self._saving: asyncio.Future[None] | None = None
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def changed(self) -> None:
        """Say, from any thread, that some service's state may differ from the files."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self) -> None:
        """Save until cancelled. A sweep that found changes is followed by another: work goes on
        after the request that started it has been answered."""
        pause = self._quiet_seconds
        while True:
            await self._wake.wait()
            await asyncio.sleep(pause)
            self._wake.clear()
            started = time.perf_counter()
            changes = self._changes()
            pause = max(self._quiet_seconds, (time.perf_counter() - started) / _LOOP_SHARE)
            if changes:
                await self._save(changes)
                self._wake.set()

    async def save_now(self) -> None:
        """Write what differs now; for the end of the process, after `run` was cancelled."""
        if self._saving is not None:  # what `run` began to write goes on without it
            await asyncio.wait({self._saving})
        await self._save(self._changes())

    def _changes(self) -> dict[str, str]:
        changes = {}
        for name, get_state in self._services().items():
            text = self._text(name, get_state)
            if text is None:
                continue
            digest = hashlib.sha256(text.encode()).digest()
            if self._written.get(name) != digest:
                changes[name] = text
                self._written[name] = digest
        return changes

    def _text(self, name: str, get_state: Callable[[], Any]) -> str | None:
        try:
            state = get_state()
            return None if state is None else self._encode(name, state)
        except Exception:  # noqa: BLE001 - one of ninety services must not keep the others from disk
            _LOG.exception("the state of %s could not be read; its last save stands", name)
            return None

    async def _save(self, changes: Mapping[str, str]) -> None:
        # Shielded: a cancelled `run` must not leave the renames half done.
        self._saving = asyncio.ensure_future(self._write(changes))
        await asyncio.shield(self._saving)

    async def _write(self, changes: Mapping[str, str]) -> None:
        try:
            await asyncio.to_thread(write_together, self._directory, changes)
        except OSError as error:
            for name in changes:
                self._written.pop(name, None)
            _LOG.error("the cloud's state could not be saved in %s: %s", self._directory, error)

    def watching(self, application: Application) -> Application:
        """The application, with every request that may have changed something noted."""

        async def watch(scope: RequestScope, receive: Receive, send: Send) -> None:
            await application(scope, receive, send)
            if scope["type"] == "http" and scope["method"] not in _READ_ONLY_METHODS:
                self._wake.set()

        return watch


def write_together(directory: Path, files: Mapping[str, str]) -> None:
    """Write all files beside their places, flush them, then rename them: a crash leaves the old set
    or the new one, but for the instant of the renames."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    prepared = []
    for name, text in files.items():
        path = directory / f"{name}.json"
        temporary = directory / f"{name}.json.saving"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        prepared.append((temporary, path))
    for temporary, path in prepared:
        temporary.replace(path)


def emulator_autosave(directory: Path) -> Autosave:
    """The autosave of all of ministack's services, in the format that it reads at start."""
    from ministack import app
    from ministack.core import persistence

    def encode(service: str, state: Any) -> str:
        version = persistence._state_format_version(service)
        return json.dumps(
            {"__ministack_format__": version, "payload": state}, default=persistence._json_default
        )

    return Autosave(app._build_persistence_save_dict, encode, directory)
