"""An endpoint's traffic between two publications, as CloudWatch wants it (facts sheet C.12)."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from local.instance.metrics import Datum
from local.instance.wire import encode

VALUES_A_DATUM = 150
CLIENT_ERRORS, SERVER_ERRORS = range(400, 500), range(500, 600)
OK = range(200, 300)


class Usage:
    """Counts what one variant does. Thread-safe."""

    def __init__(self, endpoint_name: str, variant_name: str) -> None:
        self.config_name: str | None = None
        """Set while a new fleet is brought in: its metrics then come once more with the dimension
        EndpointConfigName, for alarms on the new fleet alone (C.11)."""
        self._dimensions = {"EndpointName": endpoint_name, "VariantName": variant_name}
        self._lock = threading.Lock()
        self._metrics: dict[str, Counter[float]] = {}

    def record(
        self, *, status: int, model_seconds: float, overhead_seconds: float, instances: int
    ) -> None:
        """One request: what the model answered (0: nothing) and where the time went."""
        with self._lock:
            self._count("Invocations", 1)
            if instances:
                self._count("InvocationsPerInstance", 1 / instances)
            self._count("Invocation4XXErrors", status in CLIENT_ERRORS)
            self._count("Invocation5XXErrors", status in SERVER_ERRORS)
            self._count("InvocationModelErrors", status not in OK)
            self._count("ModelLatency", _microseconds(model_seconds))
            self._count("OverheadLatency", _microseconds(overhead_seconds))

    def record_setup(self, seconds: float) -> None:
        """A serverless environment was started."""
        self.record_values({"ModelSetupTime": _microseconds(seconds)})

    def record_values(self, values: Mapping[str, float]) -> None:
        """One value each of further metrics, by name."""
        with self._lock:
            for name, value in values.items():
                self._count(name, value)

    def drain(self, when: float) -> list[dict[str, Any]]:
        """Everything since the last time, ready for an instance to publish."""
        with self._lock:
            metrics, self._metrics = self._metrics, {}
        return [
            encode(datum)
            for name, counts in metrics.items()
            for dimensions in self._all_dimensions()
            for datum in _data(name, dimensions, counts, when)
        ]

    def _count(self, name: str, value: float) -> None:
        self._metrics.setdefault(name, Counter())[float(value)] += 1

    def _all_dimensions(self) -> list[dict[str, str]]:
        if self.config_name is None:
            return [self._dimensions]
        return [self._dimensions, {**self._dimensions, "EndpointConfigName": self.config_name}]


def _data(
    name: str, dimensions: dict[str, str], counts: "Counter[float]", when: float
) -> Iterator[Datum]:
    items = sorted(counts.items())
    for start in range(0, len(items), VALUES_A_DATUM):
        part = items[start : start + VALUES_A_DATUM]
        yield Datum(
            name=name,
            dimensions=dimensions,
            when=when,
            unit="Microseconds" if name.endswith(("Latency", "SetupTime")) else "None",
            values=tuple(value for value, _ in part),
            counts=tuple(float(count) for _, count in part),
        )


def _microseconds(seconds: float) -> float:
    """Three significant digits: percentiles stay true and equal values are counted together."""
    return float(f"{max(0.0, seconds) * 1e6:.3g}")
