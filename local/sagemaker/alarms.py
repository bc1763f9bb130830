"""The alarms that guard an update, read with the execution role's rights (facts sheet C.11)."""

import json
from collections.abc import Sequence
from typing import Any

from local.instance.signed_http import ServiceRefusal, SignedHttp
from local.sagemaker.platform import Platform, instance_id
from local.sagemaker.ports import RoleNotAssumable, Scope

IN_ALARM = "ALARM"
CONNECTIONS = 1


class AlarmsUnreadable(Exception):
    """The role may not look at the alarms, or one of them does not exist."""


class AlarmWatch:
    """Some alarms of one account and region, looked at through the cloud's HTTP front."""

    def __init__(
        self, platform: Platform, scope: Scope, role_arn: str, names: Sequence[str]
    ) -> None:
        """Opens a session of the role. Raises AlarmsUnreadable where it cannot be assumed."""
        self._names = list(names)
        self._role_arn = role_arn
        try:
            session = platform.session(scope, role_arn, f"deployment-{instance_id()}")
        except RoleNotAssumable as error:
            raise AlarmsUnreadable(
                f"SageMaker was unable to assume the role '{role_arn}'. {error}"
            ) from None
        self._http = SignedHttp(session, connections=CONNECTIONS)

    def raised(self) -> list[str]:
        """Those that are in ALARM, with their reasons. Raises AlarmsUnreadable."""
        found = self._states()
        missing = [name for name in self._names if name not in found]
        if missing:
            raise AlarmsUnreadable(
                f"AutoRollbackConfiguration names alarms that do not exist: {', '.join(missing)}."
            )
        return [
            f"{name} ({alarm.get('StateReason') or 'no reason given'})"
            for name, alarm in found.items()
            if alarm["StateValue"] == IN_ALARM
        ]

    def _states(self) -> dict[str, dict[str, Any]]:
        request = {"AlarmNames": self._names, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
        try:
            answer = self._http.send(
                "monitoring",
                "POST",
                "/",
                headers={
                    "Content-Type": "application/x-amz-json-1.0",
                    "X-Amz-Target": "GraniteServiceVersion20100801.DescribeAlarms",
                },
                body=json.dumps(request).encode(),
            )
        except ServiceRefusal as refusal:
            raise AlarmsUnreadable(
                f"The role '{self._role_arn}' could not read the alarms of the deployment "
                f"(cloudwatch:DescribeAlarms): {refusal}"
            ) from None
        described = json.loads(answer.data)
        alarms = [*described.get("MetricAlarms", ()), *described.get("CompositeAlarms", ())]
        return {alarm["AlarmName"]: alarm for alarm in alarms}
