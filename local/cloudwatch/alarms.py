"""When an alarm is in ALARM: exactly its metric, period by period, missing data as it says.

Windows slide: the newest period ends now, where AWS cuts time at whole periods. What AWS does once
a period can therefore be done every second, and an alarm turns as soon as its data say so.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.cloudwatch.metrics import Metric, Metrics
from local.sagemaker.ports import Scope

SPARE_PERIODS = 2
"""CloudWatch looks at more periods than it evaluates, so that late data do not count as missing;
its documentation shows five for three."""
_SUMS = ("Sum", "SampleCount")
_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What makes one alarm go off."""

    metric: Metric
    unit: str | None
    statistic: str
    period_seconds: float
    evaluation_periods: int
    datapoints_to_alarm: int
    threshold: float
    comparison: str
    missing: str

    @classmethod
    def of(cls, alarm: Mapping[str, Any]) -> "Rule | None":
        """The rule of a described alarm; None for one that compares no metric with a threshold."""
        if not alarm.get("MetricName") or alarm.get("ComparisonOperator") not in _COMPARISONS:
            return None
        periods = int(alarm["EvaluationPeriods"])
        return cls(
            metric=Metric.of(
                alarm["Namespace"],
                alarm["MetricName"],
                {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or ()},
            ),
            unit=alarm.get("Unit") or None,
            statistic=alarm.get("ExtendedStatistic") or alarm["Statistic"],
            period_seconds=float(alarm["Period"]),
            evaluation_periods=periods,
            datapoints_to_alarm=int(alarm.get("DatapointsToAlarm") or periods),
            threshold=float(alarm["Threshold"]),
            comparison=alarm["ComparisonOperator"],
            missing=alarm.get("TreatMissingData") or "missing",
        )

    def breaches(self, value: float) -> bool:
        """Whether a datapoint is on the wrong side of the threshold."""
        return _COMPARISONS[self.comparison][0](value, self.threshold)

    @property
    def words(self) -> str:
        """The comparison as CloudWatch's reasons spell it."""
        return _COMPARISONS[self.comparison][1]


@dataclass(frozen=True, kw_only=True)
class Datapoint:
    """One period's value; None where nothing was published."""

    start: float
    value: float | None

    def __str__(self) -> str:
        return f"{self.value} ({datetime.fromtimestamp(self.start, UTC):%d/%m/%y %H:%M:%S})"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The state that the data call for, and why. `values` are the newest first."""

    state: str
    reason: str
    values: tuple[float, ...]


def datapoints(
    rule: Rule, metrics: Metrics, scope: Scope, now: float, *, period_seconds: float | None = None
) -> list[Datapoint]:
    """The periods that end now, newest first.

    A `period_seconds` other than the rule's stands for a period that passes faster: its sums are
    then scaled to the rule's period.
    """
    period = period_seconds or rule.period_seconds
    number = rule.evaluation_periods + SPARE_PERIODS
    # What is published now has a timestamp of now, and belongs to the newest period.
    end = now + 0.001
    start = end - number * period
    buckets = metrics.buckets(scope, rule.metric, start, end, period, unit=rule.unit)
    scale = rule.period_seconds / period if rule.statistic in _SUMS else 1.0
    values = [
        buckets[each].statistic(rule.statistic) if each in buckets else None
        for each in range(number)
    ]
    return [
        Datapoint(start=start + each * period, value=None if value is None else value * scale)
        for each, value in reversed(list(enumerate(values)))
    ]


def judge(rule: Rule, points: Sequence[Datapoint]) -> Verdict | None:
    """What CloudWatch makes of the datapoints (newest first); None where the state stays.

    The four ways of treating missing data are those of the tables in "Configuring how CloudWatch
    alarms treat missing data", its "premature alarm state" included.
    """
    known = [each for each in points if each.value is not None][: rule.evaluation_periods]
    values = tuple(each.value for each in known if each.value is not None)
    breaching = sum(rule.breaches(value) for value in values)
    missing = rule.evaluation_periods - len(known)
    enough = rule.datapoints_to_alarm
    alarming = breaching >= enough
    if missing and rule.missing == "breaching":
        alarming = breaching + missing >= enough
    elif missing and not alarming and rule.missing in ("missing", "ignore"):
        if not known and rule.missing == "missing":
            return Verdict(state="INSUFFICIENT_DATA", reason=_unknown(rule), values=())
        if breaching == len(known):
            # Few data, all of them bad: what comes next may be good, unless it is overdue.
            overdue = bool(known) and points.index(known[-1]) + 1 >= enough
            if rule.missing == "ignore" or not overdue:
                return None
            alarming = True
    state = "ALARM" if alarming else "OK"
    return Verdict(state=state, reason=_reason(rule, known, alarming=alarming), values=values)


def _unknown(rule: Rule) -> str:
    number = rule.evaluation_periods
    were = "datapoint was" if number == 1 else "datapoints were"
    return f"Insufficient Data: {number} {were} unknown."


def _reason(rule: Rule, known: Sequence[Datapoint], *, alarming: bool) -> str:
    treated = "Breaching" if alarming else "NonBreaching"
    if not known:
        number = rule.evaluation_periods
        return (
            f"Threshold Crossed: no datapoints were received for {number} "
            f"{'period' if number == 1 else 'periods'} and {number} missing "
            f"{'datapoint was' if number == 1 else 'datapoints were'} treated as [{treated}]."
        )
    shown = [
        each for each in known if each.value is not None and rule.breaches(each.value) == alarming
    ] or list(known)
    was = ("was" if len(shown) == 1 else "were") + ("" if alarming else " not")
    least = rule.datapoints_to_alarm
    if not alarming:
        least = rule.evaluation_periods - least + 1
    way = "OK -> ALARM" if alarming else "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(shown)} out of the last {rule.evaluation_periods} datapoints "
        f"[{', '.join(map(str, shown))}] {was} {rule.words} the threshold ({rule.threshold}) "
        f"(minimum {least} {'datapoint' if least == 1 else 'datapoints'} for {way} transition)."
    )
