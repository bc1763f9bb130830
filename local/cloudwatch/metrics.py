"""All metrics of all accounts and regions. Thread-safe."""

import itertools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.cloudwatch.distribution import Distribution
from local.cloudwatch.series import Series
from local.sagemaker.ports import Scope

AGEING_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What CloudWatch takes for one metric: another set of dimensions is another metric."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> "Metric":
        """Dimensions have no order."""
        return cls(namespace=namespace, name=name, dimensions=tuple(sorted(dimensions.items())))


class Metrics:
    """The store. A metric may be published in several units; each is a series of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._series: dict[Scope, dict[Metric, dict[str, Series]]] = {}
        self._aged = 0.0

    def add(
        self,
        scope: Scope,
        metric: Metric,
        unit: str,
        when: float,
        values: Distribution,
        now: float,
    ) -> None:
        """Take published values in."""
        with self._lock:
            units = self._series.setdefault(scope, {}).setdefault(metric, {})
            units.setdefault(unit, Series()).add(when, values, now)
            if now - self._aged >= AGEING_SECONDS:
                self._aged = now
                self._age(now)

    def units(self, scope: Scope, metric: Metric) -> list[str]:
        """The units that a metric was published in."""
        with self._lock:
            return list(self._series.get(scope, {}).get(metric, {}))

    def buckets(
        self,
        scope: Scope,
        metric: Metric,
        start: float,
        end: float,
        period: float,
        *,
        unit: str | None = None,
    ) -> dict[int, Distribution]:
        """What was published in [start, end), by the number of its period since `start`.

        Without a unit everything is taken together, as CloudWatch does.
        """
        found: dict[int, Distribution] = {}
        with self._lock:
            for when, values in self._slots(scope, metric, unit, start, end):
                found.setdefault(int((when - start) // period), Distribution()).add(values)
        return found

    def _slots(
        self, scope: Scope, metric: Metric, unit: str | None, start: float, end: float
    ) -> Iterator[tuple[int, Distribution]]:
        units = self._series.get(scope, {}).get(metric, {})
        chosen = [series for name, series in units.items() if unit in (None, name)]
        return itertools.chain.from_iterable(series.slots(start, end) for series in chosen)

    def known(self, scope: Scope) -> list[tuple[Metric, float]]:
        """Every metric, with the time of its newest data."""
        with self._lock:
            return [
                (metric, max(series.newest for series in units.values()))
                for metric, units in self._series.get(scope, {}).items()
            ]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._series.clear()

    def _age(self, now: float) -> None:
        for metrics in self._series.values():
            for metric, units in list(metrics.items()):
                for unit, series in list(units.items()):
                    series.age(now)
                    if not series:
                        del units[unit]
                if not units:
                    del metrics[metric]

    def snapshot(self) -> list[dict[str, Any]]:
        """Everything, as JSON values."""
        with self._lock:
            return [
                {
                    "scope": [scope.account, scope.region],
                    "metric": [metric.namespace, metric.name, dict(metric.dimensions)],
                    "unit": unit,
                    "tiers": series.saved(),
                }
                for scope, metrics in self._series.items()
                for metric, units in metrics.items()
                for unit, series in units.items()
            ]

    def restore(self, saved: list[dict[str, Any]]) -> None:
        """Put back what `snapshot` gave."""
        with self._lock:
            self._series.clear()
            for each in saved:
                account, region = each["scope"]
                scope = Scope(account=account, region=region)
                units = self._series.setdefault(scope, {}).setdefault(
                    Metric.of(*each["metric"]), {}
                )
                units[each["unit"]] = Series.restored(each["tiers"])
