"""What the rest of the templates bills; a type that we cannot price is named, never free."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from scripts.deployment.templates import Template
from scripts.pricing.amount import Amount
from scripts.pricing.line import Line
from scripts.pricing.meters import Item, Meter
from scripts.pricing.usage import Usage

_ALARM: Final = "AWS::CloudWatch::Alarm"
_BUCKET: Final = "AWS::S3::Bucket"
_KEY: Final = "AWS::KMS::Key"
_POLICY: Final = "AWS::ApplicationAutoScaling::ScalingPolicy"
_PRICED: Final = {_ALARM, _BUCKET, _KEY, _POLICY}

_MONITORING: Final = "monitoring"
_STORAGE: Final = "storage"
_ALARMS_OF_TARGET_TRACKING: Final = 2
"""Application Auto Scaling makes one for growing and one for shrinking, beside the template's."""

_MINUTE_SECONDS: Final = 60

# Their use may cost something, which is counted elsewhere; that they are there costs nothing.
_FREE: Final = frozenset(
    {
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::CDK::Metadata",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::Events::EventBusPolicy",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::OIDCProvider",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::KMS::Alias",
        "AWS::Lambda::Permission",
        "AWS::S3::BucketPolicy",
        "AWS::SageMaker::Endpoint",
        "AWS::SageMaker::EndpointConfig",
        "AWS::SageMaker::Model",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
)


def resource_lines(stacks: Sequence[Template], usage: Usage) -> Iterator[Line]:
    """The lines of everything but the endpoints, without prices."""
    resources = [
        (logical_id, body)
        for template in stacks
        for logical_id, body in (template.get("Resources") or {}).items()
    ]
    bodies = [body for _, body in resources]
    yield from _alarms(bodies)
    keys = sum(body["Type"] == _KEY for body in bodies)
    if keys:
        yield _counted(_STORAGE, "keys", Meter.KMS_KEY, keys, "each, used or not")
    if any(body["Type"] == _BUCKET for body in bodies):
        yield Line(
            group=_STORAGE,
            name="datasets, artifacts and logs",
            item=Item(Meter.S3_STANDARD),
            quantity=Amount.of(usage.stored_gb),
            unit="GB-months",
            why="assumed to lie in the buckets all month",
        )
    for logical_id, body in resources:
        if body["Type"] not in _FREE | _PRICED:
            yield _unpriced(logical_id, body)


def _alarms(bodies: Iterable[Mapping[str, Any]]) -> Iterator[Line]:
    slow = fast = of_scaling = 0
    for body in bodies:
        properties = body.get("Properties") or {}
        if body["Type"] == _ALARM:
            periods = list(_periods(properties))
            if min(periods) < _MINUTE_SECONDS:
                fast += len(periods)
            else:
                slow += len(periods)
        elif body["Type"] == _POLICY and properties.get("PolicyType") == "TargetTrackingScaling":
            of_scaling += _ALARMS_OF_TARGET_TRACKING
    if slow + of_scaling:
        why = f"{of_scaling} of them made by the scaling itself" if of_scaling else ""
        yield _counted(_MONITORING, "alarms", Meter.ALARM, slow + of_scaling, why)
    if fast:
        why = "they look more often than every minute"
        yield _counted(_MONITORING, "high-resolution alarms", Meter.FAST_ALARM, fast, why)


def _periods(properties: Mapping[str, Any]) -> Iterator[int]:
    """Of each metric that an alarm looks at: one on metric math bills once for each of them."""
    rows = [row["MetricStat"] for row in properties.get("Metrics") or () if "MetricStat" in row]
    for each in rows or [properties]:
        yield int(each.get("Period", _MINUTE_SECONDS))


def _counted(group: str, name: str, meter: Meter, count: int, why: str) -> Line:
    return Line(
        group=group,
        name=f"{count} {name if count > 1 else name.removesuffix('s')}",
        item=Item(meter),
        quantity=Amount.of(count),
        unit="months",
        fixed=True,
        why=why,
    )


def _unpriced(logical_id: str, body: Mapping[str, Any]) -> Line:
    path = str((body.get("Metadata") or {}).get("aws:cdk:path", logical_id))
    return Line(
        group="not estimated",
        name=f"{body['Type']} {path.removesuffix('/Resource')}",
        quantity=Amount.of(1),
        unit="resources",
        fixed=True,
        why="nothing here knows how it is billed",
    )
