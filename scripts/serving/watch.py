"""What watches the variants: CloudWatch's alarms, and Application Auto Scaling's limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from scripts.aws_errors import explain
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient

_ALARM: Final = "AWS::CloudWatch::Alarm"
_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
_FIRING: Final = "ALARM"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm of a variant; `state` is OK, ALARM or INSUFFICIENT_DATA."""

    name: str
    endpoint: str
    variant: str
    metric: str
    state: str
    reason: str = ""

    @property
    def firing(self) -> bool:
        return self.state == _FIRING


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Between how many instances a variant is scaled."""

    endpoint: str
    variant: str
    least: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Everything that watches the endpoints of a stack."""

    alarms: tuple[Alarm, ...] = ()
    limits: tuple[Limits, ...] = ()
    unseen: tuple[str, ...] = ()
    """What could not be looked at, each with the reason."""

    def alarms_of(self, endpoint: str, variant: str) -> list[Alarm]:
        return [
            alarm for alarm in self.alarms if (alarm.endpoint, alarm.variant) == (endpoint, variant)
        ]

    def limits_of(self, endpoint: str, variant: str) -> Limits | None:
        for limits in self.limits:
            if (limits.endpoint, limits.variant) == (endpoint, variant):
                return limits
        return None


def watch_of(session: Session, stack: str) -> Watch:
    """The alarms and limits among a stack's resources: it names them, and nobody else does.

    A caller who may not see some of it sees the rest, and is told.
    """
    alarms: Sequence[Alarm] = ()
    limits: Sequence[Limits] = ()
    unseen = []
    try:
        names = _physical_ids(session, stack)
        alarms = _alarms(session, names.get(_ALARM, []))
        limits = _limits(session, names.get(_TARGET, []))
    except ClientError as error:
        unseen.append(explain(error, f"environment {session.settings.name}"))
    return Watch(alarms=tuple(alarms), limits=tuple(limits), unseen=tuple(unseen))


def _physical_ids(session: Session, stack: str) -> dict[str, list[str]]:
    cloudformation: CloudFormationClient = session.client("cloudformation")
    found: dict[str, list[str]] = {}
    for row in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
        # A resource that is still being made has no physical id yet.
        if physical := row.get("PhysicalResourceId"):
            found.setdefault(row["ResourceType"], []).append(physical)
    return found


def _alarms(session: Session, names: Sequence[str]) -> list[Alarm]:
    if not names:  # no name would ask for all alarms of the account
        return []
    cloudwatch: CloudWatchClient = session.client("cloudwatch")
    found = []
    for row in cloudwatch.describe_alarms(AlarmNames=list(names))["MetricAlarms"]:
        dimensions = {each["Name"]: each["Value"] for each in row.get("Dimensions", [])}
        found.append(
            Alarm(
                name=row["AlarmName"],
                endpoint=dimensions.get("EndpointName", ""),
                variant=dimensions.get("VariantName", ""),
                metric=row.get("MetricName", ""),
                state=row["StateValue"],
                reason=row.get("StateReason", ""),
            )
        )
    return found


def _limits(session: Session, targets: Sequence[str]) -> list[Limits]:
    # Ref of a scalable target is `<resource id>|<dimension>|<namespace>` (facts D.1).
    resources = [target.split("|")[0] for target in targets]
    if not resources:
        return []
    scaling: Any = session.client("application-autoscaling")  # its stubs are not installed
    rows = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=resources)
    found = []
    for row in rows["ScalableTargets"]:
        _, endpoint, _, variant = row["ResourceId"].split("/")
        found.append(
            Limits(
                endpoint=endpoint,
                variant=variant,
                least=row["MinCapacity"],
                most=row["MaxCapacity"],
            )
        )
    return found
