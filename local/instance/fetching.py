"""Fetches the objects that manifests point at, in parallel, in the order they will be wanted."""

import threading
from collections.abc import Callable

from local.instance.recordio import frame
from local.instance.s3 import S3, ObjectUnavailable, ObjectUri
from local.instance.spool import Spool

THREADS = 12


class Fetcher:
    """Fills a spool in the background; the first failure stops it and is handed to `failed`."""

    def __init__(
        self,
        s3: S3,
        spool: Spool,
        uris: list[ObjectUri],
        order: list[int],
        failed: Callable[[str], None],
    ) -> None:
        self._s3 = s3
        self._spool = spool
        self._uris = uris
        self._wanted = iter(order)
        self._failed = failed
        self._lock = threading.Lock()
        self._stopped = False

    def start(self) -> None:
        """Begin; returns at once."""
        for number in range(min(THREADS, len(self._uris))):
            threading.Thread(target=self._work, name=f"fetch-{number}", daemon=True).start()

    def stop(self) -> None:
        """Fetch nothing more; what is under way ends by itself."""
        self._stopped = True

    def _work(self) -> None:
        while (number := self._next()) is not None:
            try:
                self._spool.put(number, frame(self._s3.read(self._uris[number])))
            except (ObjectUnavailable, OSError, ValueError) as error:
                with self._lock:
                    first, self._stopped = not self._stopped, True
                if first:
                    self._failed(_naming(error, self._uris[number]))
                return

    def _next(self) -> int | None:
        with self._lock:
            return None if self._stopped else next(self._wanted, None)


def _naming(error: Exception, uri: ObjectUri) -> str:
    return str(error) if isinstance(error, ObjectUnavailable) else f"{uri}: {error}"
