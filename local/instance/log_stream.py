"""A log stream in CloudWatch Logs, written as the execution role (facts sheet A.9)."""

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping

from local.instance.signed_http import ServiceRefusal, SignedHttp

EVENTS_A_BATCH = 10_000
BYTES_A_BATCH = 1_000_000
EVENT_OVERHEAD_BYTES = 26
WAITING_EVENTS = 50_000
_EXISTS = "ResourceAlreadyExistsException"


class LogStream:
    """A sink for console lines. What the role may not write is lost, as on AWS, and said once."""

    def __init__(
        self, http: SignedHttp, group: str, stream: str, warn: Callable[[str], None]
    ) -> None:
        self._http = http
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._warn = warn
        self._waiting: deque[tuple[int, str]] = deque(maxlen=WAITING_EVENTS)
        self._lock = threading.Lock()
        self._created = False
        self._refused = False

    def accept(self, line: str, when: float) -> None:
        """Keep a line for the next batch; of a flood the newest lines are kept."""
        with self._lock:
            self._waiting.append((int(when * 1000), line))

    def flush(self) -> None:
        """Send everything that waits."""
        try:
            while batch := self._next_batch():
                if not self._created:
                    self._create()
                self._call("PutLogEvents", {**self._names, "logEvents": batch})
        except ServiceRefusal as refusal:
            if not self._refused:
                self._refused = True
                group = self._names["logGroupName"]
                self._warn(f"the role could not write its logs to {group}: {refusal}")

    def _next_batch(self) -> list[dict[str, object]]:
        batch: list[dict[str, object]] = []
        size = 0
        with self._lock:
            while self._waiting and len(batch) < EVENTS_A_BATCH:
                when, message = self._waiting[0]
                size += len(message.encode()) + EVENT_OVERHEAD_BYTES
                if batch and size > BYTES_A_BATCH:
                    break
                self._waiting.popleft()
                batch.append({"timestamp": when, "message": message})
        return batch

    def _create(self) -> None:
        group = {"logGroupName": self._names["logGroupName"]}
        for operation, request in (("CreateLogGroup", group), ("CreateLogStream", self._names)):
            try:
                self._call(operation, request)
            except ServiceRefusal as refusal:
                # A role may well lack CreateLogGroup where the group exists: writing decides.
                if refusal.code != _EXISTS and operation == "CreateLogStream":
                    raise
        self._created = True

    def _call(self, operation: str, request: Mapping[str, object]) -> None:
        self._http.send(
            "logs",
            "POST",
            "/",
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": f"Logs_20140328.{operation}",
            },
            body=json.dumps(request).encode(),
        )
