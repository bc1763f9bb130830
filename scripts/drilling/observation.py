"""What can be seen of a rollout at one moment: the endpoint, and the alarms that guard it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scripts.serving.live import LiveEndpoint, live_endpoint
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient

ALARM: Final = "ALARM"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One of the endpoint's alarms as it is now."""

    name: str
    metric: str
    """What it watches: its name in CloudWatch says little, since CloudFormation made it up."""

    state: str
    reason: str = ""

    @property
    def fires(self) -> bool:
        return self.state == ALARM


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The endpoint and its alarms, `at` seconds after the traffic began."""

    at: float
    endpoint: LiveEndpoint
    alarms: Mapping[str, Alarm]
    """By name."""


def alarm_names(session: Session, stack_name: str) -> list[str]:
    """The alarms that a stack made."""
    cloudformation: CloudFormationClient = session.client("cloudformation")
    resources = cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]
    return [
        resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == "AWS::CloudWatch::Alarm"
    ]


def observe(session: Session, kind: str, alarms: Sequence[str], at: float) -> Observation:
    """Look at the environment's endpoint of that kind, and at the alarms of these names."""
    cloudwatch: CloudWatchClient = session.client("cloudwatch")
    described = cloudwatch.describe_alarms(AlarmNames=list(alarms))["MetricAlarms"]
    return Observation(
        at=at,
        endpoint=live_endpoint(session, kind),
        alarms={
            row["AlarmName"]: Alarm(
                name=row["AlarmName"],
                metric=row.get("MetricName", ""),
                state=row["StateValue"],
                reason=" ".join(row.get("StateReason", "").split()),
            )
            for row in described
        },
    )
