"""Saved state is restored whole, or the cloud does not start.

Stock: a state file that cannot be read or restored is logged and the service starts empty; the
next save then overwrites the file.
Needed: a start that is refused by the file's name, so that nothing is lost.
Touches: `app._load_persisted_state`, `.load_state`, `._state_map`, `._get_module`."""

import logging
from pathlib import Path
from typing import Any

_LOG = logging.getLogger("local.restoration")


class StateUnreadable(ValueError):
    """A state file that holds something, but nothing that can be restored."""


class Restoration:
    """Reads every service's state while the emulator starts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._failure: StateUnreadable | None = None

    def install(self) -> None:
        """Take the place of the emulator's own loading."""
        from ministack import app

        app._load_persisted_state = self._restore

    def check(self) -> None:
        """Raise StateUnreadable when something could not be restored. Nothing may be saved
        then."""
        if self._failure is not None:
            raise self._failure

    def _restore(self) -> None:
        # An exception here would only be the web server's: it is kept for who started the cloud.
        try:
            for service, state in self._read().items():
                self._load(service, state)
        except StateUnreadable as failure:
            self._failure = failure

    def _read(self) -> dict[str, Any]:
        """All files before any service has one, in the order in which services are restored."""
        from ministack import app

        states = {}
        for service in app._state_map:
            if not self._path(service).exists():
                continue
            try:
                states[service] = app.load_state(service)
            except Exception as error:
                raise self._unreadable(service, error) from error
            if states[service] is None:
                raise self._unreadable(service, "not JSON, or of a later version; see cloud.log")
        return states

    def _load(self, service: str, state: Any) -> None:
        from ministack import app

        if not state:
            return
        try:
            app._get_module(app._state_map[service]).load_persisted_state(state)
        except Exception as error:
            _LOG.exception("the state of %s could not be restored", service)
            raise self._unreadable(service, error) from error

    def _path(self, service: str) -> Path:
        return self._directory / f"{service}.json"

    def _unreadable(self, service: str, why: object) -> StateUnreadable:
        return StateUnreadable(
            f"{self._path(service)} cannot be restored ({why}); put a good copy in its place, or "
            "move it away to start without what it holds"
        )
