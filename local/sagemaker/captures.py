"""Captured requests on their way to S3: kept for a moment, written as the variant's role."""

import logging
import threading
import time
from collections.abc import Iterator
from itertools import groupby

from local.instance.log_stream import LogStream
from local.instance.s3 import S3, ObjectUnavailable
from local.instance.signed_http import SignedHttp
from local.sagemaker.capture_record import Captured, hour, line, object_uri
from local.sagemaker.platform import Platform
from local.sagemaker.ports import RoleNotAssumable
from local.sagemaker.records import Capture, Endpoint, Variant
from local.sagemaker.timings import MEBIBYTE

WAITING_BYTES = 64 * MEBIBYTE
"""What a variant's records may hold in memory; beyond it they are dropped and counted."""
OBJECT_BYTES = 16 * MEBIBYTE
"""Before encoding; so much at once is not kept waiting either."""
IDLE_SECONDS = 300.0
"""A variant without records for so long is forgotten: it may be gone."""
LOG_GROUP_PREFIX = "/aws/sagemaker/Endpoints/"
_log = logging.getLogger(__name__)


class Captures:
    """Takes records at once and writes them from a thread of its own, some seconds later.

    What cannot be written is lost, as on AWS; the endpoint's log says so. Serving never waits.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._lock = threading.Lock()
        self._logs: list[CaptureLog] = []
        self._full = threading.Event()
        self._ended = False
        self._uploading = threading.Lock()
        self._writer: threading.Thread | None = None

    def offer(
        self, endpoint: Endpoint, variant: Variant, capture: Capture, captured: Captured
    ) -> None:
        """Keep a record, unless too many wait."""
        with self._lock:
            # While an update is under way requests of the old and of the new deployment alternate,
            # and each goes where its own deployment wants it.
            found = (log for log in self._logs if log.takes(endpoint, variant, capture))
            log = next(found, None)
            if log is None:
                log = CaptureLog(endpoint, variant, capture, self._platform)
                self._logs.append(log)
            if log.add(captured):
                self._full.set()
            if self._writer is None and not self._ended:
                self._writer = threading.Thread(target=self._write, name="capture", daemon=True)
                self._writer.start()

    def forget(self, endpoint: Endpoint) -> None:
        """Write what waits of an endpoint that goes. Blocks."""
        with self._lock:
            logs = [log for log in self._logs if log.endpoint_arn == endpoint.arn]
            self._logs = [log for log in self._logs if log not in logs]
        self._flush(logs)

    def shutdown(self) -> None:
        """Write what waits, for a few seconds at most."""
        self._ended = True
        self._full.set()
        last = threading.Thread(target=self._flush_all, name="last-capture", daemon=True)
        last.start()
        last.join(self._platform.timings.shutdown_seconds)

    def _write(self) -> None:
        while not self._ended:
            self._full.wait(self._platform.timings.capture_flush_seconds)
            self._full.clear()
            self._flush_all()

    def _flush_all(self) -> None:
        with self._lock:
            logs = self._logs
            self._logs = [log for log in logs if not log.idle]
        self._flush(logs)

    def _flush(self, logs: "list[CaptureLog]") -> None:
        with self._uploading:
            for log in logs:
                with self._lock:
                    taken = log.take()
                try:
                    log.upload(taken)
                except Exception:  # noqa: BLE001 - one variant's trouble must not be another's
                    _log.exception("captured requests were not written")


class CaptureLog:
    """The records of one variant. `add` and `take` are the caller's to guard."""

    def __init__(
        self, endpoint: Endpoint, variant: Variant, capture: Capture, platform: Platform
    ) -> None:
        self.endpoint_arn = endpoint.arn
        self.waiting: list[Captured] = []
        self._bytes = self._dropped = 0
        self._used = time.monotonic()
        self._endpoint = endpoint
        self._variant = variant
        self._capture = capture
        self._platform = platform
        self._http: SignedHttp | None = None
        self._log_stream: LogStream | None = None
        self._trouble: str | None = None

    def takes(self, endpoint: Endpoint, variant: Variant, capture: Capture) -> bool:
        """Whether it is the one for a variant's records, where and as this deployment wants them.

        An endpoint made anew has the ARN of the one before.
        """
        return (
            self._endpoint is endpoint
            and self._variant.name == variant.name
            and self._variant.role_arn == variant.role_arn
            and self._capture == capture
        )

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing has come for long."""
        return not self.waiting and time.monotonic() - self._used > IDLE_SECONDS

    def add(self, captured: Captured) -> bool:
        """Whether what waits should be written now."""
        self._used = time.monotonic()
        if self._bytes + captured.size > WAITING_BYTES:
            self._dropped += 1
        else:
            self.waiting.append(captured)
            self._bytes += captured.size
        return self._bytes >= OBJECT_BYTES

    def take(self) -> list[Captured]:
        """Everything that waits."""
        taken, self.waiting, self._bytes = self.waiting, [], 0
        return taken

    def upload(self, taken: list[Captured]) -> None:
        """Write records, an hour's into its own objects; say in the endpoint's log what fails."""
        if not taken:
            return
        try:
            s3 = S3(self._front())
            for _, records in groupby(taken, key=hour):
                for part in _parts(records):
                    body = b"".join(line(each, self._capture) for each in part)
                    uri = object_uri(
                        self._capture, self._endpoint.name, self._variant.name, part[0].when
                    )
                    s3.write(uri, body, kms_key_id=self._capture.kms_key_id)
            self._trouble = None
        except (ObjectUnavailable, RoleNotAssumable) as error:
            self._fail(error)
        dropped, self._dropped = self._dropped, 0
        if dropped:
            self._say(f"{dropped} captured requests were dropped: too many waited to be written")

    def _front(self) -> SignedHttp:
        if self._http is None:
            session = self._platform.session(
                self._endpoint.scope, self._variant.role_arn, "data-capture"
            )
            self._http = SignedHttp(session, connections=2)
        return self._http

    def _fail(self, error: ObjectUnavailable | RoleNotAssumable) -> None:
        """The same trouble is said once, though it names another object each time."""
        trouble = error.code if isinstance(error, ObjectUnavailable) else str(error)
        if trouble != self._trouble:
            self._trouble = trouble
            self._say(f"captured requests were not written: {error}")

    def _say(self, text: str) -> None:
        _log.warning("%s/%s: %s", self._endpoint.name, self._variant.name, text)
        if self._http is None:
            return
        if self._log_stream is None:
            self._log_stream = LogStream(
                self._http,
                LOG_GROUP_PREFIX + self._endpoint.name,
                f"{self._variant.name}/data-capture",
                _log.warning,
            )
        self._log_stream.accept(text, time.time())
        self._log_stream.flush()


def _parts(records: "Iterator[Captured]") -> Iterator[list[Captured]]:
    part: list[Captured] = []
    size = 0
    for record in records:
        if part and size + record.size > OBJECT_BYTES:
            yield part
            part, size = [], 0
        part.append(record)
        size += record.size
    if part:
        yield part
