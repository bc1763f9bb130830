"""Alarms are evaluated by themselves, each on its own metric, every second or two.

Stock: an evaluation pools the data of all dimensions of a metric, knows neither DatapointsToAlarm
nor TreatMissingData, happens only inside PutMetricData and PutMetricAlarm, so that no alarm returns
to OK when its data stop; metric math is accepted and dropped.
Needed: the service's rules (local/cloudwatch/alarms.py) on a timer; actions and history on a change
only; a state set by hand stands for a while; metric math is refused by name.
Touches: `cloudwatch._alarms`, `._evaluate_alarm`, `._evaluate_all_alarms`, `._record_history`,
`._history_entries`, `._dispatch_alarm_actions`, `._evaluate_parent_alarms`, `._put_metric_alarm`,
`._error`, `responses.request_scope`.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from local.adapter.cloudformation_types import current_scope
from local.cloudwatch.alarms import Rule, Verdict, datapoints, judge
from local.cloudwatch.metrics import Metrics
from local.sagemaker.ports import Scope

TICK_SECONDS = 1.0
EVALUATIONS_A_PERIOD = 12
"""An alarm is looked at so often in each of its periods, but not more than once a tick."""
SET_BY_HAND_SECONDS = 10.0
"""A state set with SetAlarmState stands for half a period and at most so long. On AWS it stands
until the next evaluation, often for seconds."""
KEPT_HISTORY = 1000
"""So many changes of state are kept, of all alarms of an account and region together."""
RETRY_SECONDS = 10.0
"""An alarm that could not be evaluated is left alone for so long."""
_SCALING = ":autoscaling:"
_METRIC_MATH = ("Metrics", "ThresholdMetricId")
_LOG = logging.getLogger("local.alarms")

Alarm = dict[str, Any]
Reaction = Callable[[Scope, str, str, tuple[float, ...]], None]


class AlarmClock:
    """Evaluates every alarm of every account and region. Lives on the event loop.

    `react` is told of each scaling policy (by ARN) whose alarm (by name) is in ALARM, with the
    datapoints that it was judged by, newest first; as on AWS again and again while it lasts.
    `paced_seconds` says how long a period of an alarm of a scaling policy really takes.
    """

    def __init__(
        self,
        metrics: Metrics,
        *,
        react: Reaction,
        paced_seconds: Callable[[float], float],
        on_change: Callable[[], None],
    ) -> None:
        self._metrics = metrics
        self._react = react
        self._paced_seconds = paced_seconds
        self._on_change = on_change
        self._due: dict[str, float] = {}
        self._states: dict[str, str] = {}

    def install(self) -> None:
        """Take the place of ministack's evaluation."""
        from ministack.services import cloudwatch

        cloudwatch._evaluate_alarm = lambda alarm: self.evaluate(current_scope(), alarm)
        cloudwatch._evaluate_all_alarms = lambda: None
        cloudwatch._put_metric_alarm = _without_metric_math(cloudwatch._put_metric_alarm)

    async def run(self) -> None:
        """Evaluate until cancelled."""
        while True:
            try:
                self.tick(time.time())
            except Exception:  # noqa: BLE001 - nobody would notice that no alarm goes off any more
                _LOG.exception("the alarms were not evaluated")
            await asyncio.sleep(TICK_SECONDS)

    def tick(self, now: float) -> None:
        """Evaluate what is due."""
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        alarms = list(cloudwatch._alarms.all_items())
        arns = {alarm["AlarmArn"] for _, alarm in alarms}
        for known in (self._due, self._states):
            for arn in set(known) - arns:
                del known[arn]
        for (account, region, _), alarm in alarms:
            if now < self._due.get(alarm["AlarmArn"], 0.0):
                continue
            try:
                with request_scope(account, region):
                    self.evaluate(Scope(account=account, region=region), alarm)
            except Exception:  # noqa: BLE001 - one alarm that cannot be read must not stop the others
                _LOG.exception("alarm %s could not be evaluated", alarm["AlarmArn"])
                self._due[alarm["AlarmArn"]] = now + RETRY_SECONDS

    def evaluate(self, scope: Scope, alarm: Alarm) -> None:
        """Bring one alarm to the state that its data call for. Needs its request scope."""
        now, arn = time.time(), alarm["AlarmArn"]
        if alarm.get("ExtendedStatistic"):  # ministack describes an Average beside it
            alarm.pop("Statistic", None)
        rule = Rule.of(alarm)
        if rule is None:
            return
        if alarm["StateValue"] != self._states.get(arn, alarm["StateValue"]):
            self._states[arn] = alarm["StateValue"]
            self._due[arn] = now + min(SET_BY_HAND_SECONDS, rule.period_seconds / 2)
            return
        period = rule.period_seconds
        if _policies(alarm):
            period = self._paced_seconds(period)
        self._due[arn] = now + max(TICK_SECONDS, period / EVALUATIONS_A_PERIOD)
        points = datapoints(rule, self._metrics, scope, now, period_seconds=period)
        verdict = judge(rule, points)
        if verdict is not None and verdict.state != alarm["StateValue"]:
            self._change(alarm, rule, verdict)
        self._states[arn] = alarm["StateValue"]
        if verdict is not None and verdict.state == "ALARM" and alarm.get("ActionsEnabled", True):
            for policy in _policies(alarm):
                self._react(scope, policy, alarm["AlarmName"], verdict.values)

    def _change(self, alarm: Alarm, rule: Rule, verdict: Verdict) -> None:
        from ministack.services import cloudwatch

        before, now = alarm["StateValue"], int(time.time())
        data = {
            "version": "1.0",
            "period": rule.period_seconds,
            "statistic": rule.statistic,
            "recentDatapoints": list(reversed(verdict.values)),
            "threshold": rule.threshold,
        }
        alarm["StateValue"] = verdict.state
        alarm["StateReason"] = verdict.reason
        alarm["StateReasonData"] = json.dumps(data)
        alarm["StateUpdatedTimestamp"] = alarm["StateTransitionedTimestamp"] = now
        name = alarm["AlarmName"]
        cloudwatch._record_history(name, before, verdict.state, verdict.reason, reason_data=data)
        del cloudwatch._history_entries()[:-KEPT_HISTORY]
        cloudwatch._dispatch_alarm_actions(alarm, before, verdict.state, verdict.reason)
        cloudwatch._evaluate_parent_alarms(alarm)
        self._on_change()


def _policies(alarm: Alarm) -> list[str]:
    return [each for each in alarm.get("AlarmActions") or () if _SCALING in each]


def _without_metric_math(stock: Callable[..., Any]) -> Callable[..., Any]:
    def put_metric_alarm(
        fields: Mapping[str, Any], body: Any, is_cbor: bool, is_json: bool = False
    ) -> Any:
        from ministack.services import cloudwatch

        given = {name.partition(".")[0] for name in fields} | set(body or ())
        for member in _METRIC_MATH:
            if member in given:
                message = f"PutMetricAlarm {member} is not supported by the local cloud yet."
                return cloudwatch._error("ValidationError", message, 400, use_json=is_json)
        return stock(fields, body, is_cbor, is_json)

    return put_metric_alarm
