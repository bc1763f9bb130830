"""Metrics in CloudWatch: those an image prints, and those of an endpoint's traffic (A.8, C.12)."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from local.instance.assignment import MetricDefinition
from local.instance.signed_http import ServiceRefusal, SignedHttp

DATA_A_REQUEST = 500


@dataclass(frozen=True, kw_only=True)
class Datum:
    """Values of one metric in one period, each with how often it occurred."""

    name: str
    dimensions: dict[str, str]
    when: float
    unit: str
    values: tuple[float, ...]
    counts: tuple[float, ...]


class MetricStream:
    """Publishes data to one namespace; a refusal is said once and fails nothing, as on AWS."""

    def __init__(self, http: SignedHttp, namespace: str, warn: Callable[[str], None]) -> None:
        self._http = http
        self._namespace = namespace
        self._warn = warn
        self._refused = False

    def publish(self, data: Sequence[Datum]) -> None:
        """Send data, in as many requests as they need."""
        try:
            for start in range(0, len(data), DATA_A_REQUEST):
                self._put(data[start : start + DATA_A_REQUEST])
        except ServiceRefusal as refusal:
            if not self._refused:
                self._refused = True
                self._warn(f"the role could not write metrics to {self._namespace}: {refusal}")

    def _put(self, data: Sequence[Datum]) -> None:
        request = {"Namespace": self._namespace, "MetricData": [_member(datum) for datum in data]}
        self._http.send(
            "monitoring",
            "POST",
            "/",
            headers={
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData",
            },
            body=json.dumps(request).encode(),
        )


class PrintedMetrics:
    """A sink for console lines that finds the image's metrics in them."""

    def __init__(
        self,
        definitions: Sequence[MetricDefinition],
        dimensions: Mapping[str, str],
        stream: MetricStream,
    ) -> None:
        self._patterns = [(each.name, re.compile(each.regex)) for each in definitions]
        self._dimensions = dict(dimensions)
        self._stream = stream
        self._waiting: list[Datum] = []
        self._lock = threading.Lock()
        self.last: dict[str, tuple[float, float]] = {}
        """The last value of each metric and when it was printed (epoch seconds)."""

    def accept(self, line: str, when: float) -> None:
        """Look for every metric in a line; TABs may be spelt either way in a definition."""
        for name, pattern in self._patterns:
            found = pattern.search(line) or pattern.search(line.replace("#011", "\t"))
            value = _number(found.group(1)) if found and pattern.groups else None
            if value is None:
                continue
            self.last[name] = (value, when)
            datum = Datum(
                name=name,
                dimensions=self._dimensions,
                when=when,
                unit="None",
                values=(value,),
                counts=(1,),
            )
            with self._lock:
                self._waiting.append(datum)

    def flush(self) -> None:
        """Publish what was found since the last time."""
        with self._lock:
            data, self._waiting = self._waiting, []
        self._stream.publish(data)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _member(datum: Datum) -> dict[str, object]:
    return {
        "MetricName": datum.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in datum.dimensions.items()],
        "Timestamp": datum.when,
        "Unit": datum.unit,
        "Values": datum.values,
        "Counts": datum.counts,
    }
