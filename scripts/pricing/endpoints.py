"""What an endpoint's variants bill: instances, memory, volumes, data (facts sheet G.1)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from scripts.deployment.planned import PlannedEndpoint, PlannedVariant
from scripts.deployment.templates import Template
from scripts.pricing.amount import Amount
from scripts.pricing.disks import has_own_disks
from scripts.pricing.line import Line
from scripts.pricing.meters import Item, Meter
from scripts.pricing.usage import HOURS_PER_MONTH, Usage

_SCALABLE_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
_ENDPOINT_CONFIG: Final = "AWS::SageMaker::EndpointConfig"
_INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
_SECONDS_PER_MONTH: Final = HOURS_PER_MONTH * 3600
_DAYS_PER_MONTH: Final = Decimal(HOURS_PER_MONTH) / 24
_BASE64: Final = Decimal(4) / 3


def endpoint_lines(
    endpoint: PlannedEndpoint, template: Template, stacks: Iterable[Template], usage: Usage
) -> Iterator[Line]:
    """The lines of one endpoint of a template, without prices."""
    for variant in endpoint.variants:
        if variant.serverless:
            yield from _serverless(endpoint, variant, usage)
        else:
            yield _instances(endpoint, variant, template)
            yield from _volume(endpoint, variant, template)
    asked = f"{usage.requests_per_month:,f} requests"
    for meter, gb, kilobytes in (
        (Meter.DATA_IN, usage.gb_in, usage.image_kilobytes),
        (Meter.DATA_OUT, usage.gb_out, usage.answer_kilobytes),
    ):
        yield Line(
            group=endpoint.name,
            name="images in" if meter is Meter.DATA_IN else "answers out",
            item=Item(meter),
            quantity=Amount.of(gb),
            unit="GB",
            why=f"{asked} of {kilobytes:f} kB",
        )
    if endpoint.capture_percent:
        yield _captured(endpoint, endpoint.capture_percent, template, stacks, usage)


def fleet_of(endpoint: PlannedEndpoint, variant: PlannedVariant, template: Template) -> Amount:
    """How many instances a variant has: from the fewest to the most that its scaling allows."""
    count = variant.instances or 0
    for body in _resources(template, _SCALABLE_TARGET):
        name = f"endpoint/{endpoint.name}/variant/{variant.name}"
        if body.get("ResourceId") == name and body.get("ScalableDimension") == _INSTANCES:
            return Amount.of(int(body["MinCapacity"]), int(body["MaxCapacity"]))
    return Amount.of(count)


def unsized_volumes(endpoint: PlannedEndpoint, template: Template) -> Iterator[str]:
    """The variants with a volume whose size the template leaves to SageMaker."""
    for variant in endpoint.variants:
        type_ = variant.instance_type
        if type_ and not has_own_disks(type_) and _volume_gb(variant, template) is None:
            yield f"{endpoint.name} {variant.name}"


def _instances(endpoint: PlannedEndpoint, variant: PlannedVariant, template: Template) -> Line:
    fleet = fleet_of(endpoint, variant, template)
    count = f"{fleet.least}" if fleet.least == fleet.most else f"{fleet.least}..{fleet.most}"
    return Line(
        group=endpoint.name,
        name=f"{_named(variant)}: {count} x {variant.instance_type}",
        item=Item(Meter.HOSTING, variant.instance_type or ""),
        quantity=fleet * HOURS_PER_MONTH,
        unit="instance-hours",
        fixed=True,
        why=f"{HOURS_PER_MONTH} hours a month, each instance, asked or not",
    )


def _volume(
    endpoint: PlannedEndpoint, variant: PlannedVariant, template: Template
) -> Iterator[Line]:
    size = _volume_gb(variant, template)
    if size is not None:
        yield Line(
            group=endpoint.name,
            name=f"{_named(variant)}: volumes of {size} GB",
            item=Item(Meter.HOSTING_VOLUME),
            quantity=fleet_of(endpoint, variant, template) * size,
            unit="GB-months",
            fixed=True,
            why="one volume an instance",
        )


def _volume_gb(variant: PlannedVariant, template: Template) -> int | None:
    for config in _resources(template, _ENDPOINT_CONFIG):
        for member in ("ProductionVariants", "ShadowProductionVariants"):
            for row in config.get(member) or ():
                same = row["VariantName"] == variant.name
                if same and row.get("InstanceType") == variant.instance_type:
                    size = row.get("VolumeSizeInGB")
                    return None if size is None else int(size)
    return None


def _serverless(endpoint: PlannedEndpoint, variant: PlannedVariant, usage: Usage) -> Iterator[Line]:
    memory = str(variant.memory_size_mb)
    warm = variant.provisioned_concurrency or 0
    if warm:
        yield Line(
            group=endpoint.name,
            name=f"{_named(variant)}: {warm} x {memory} MB kept warm",
            item=Item(Meter.PROVISIONED_USAGE, memory),
            quantity=Amount.of(warm * _SECONDS_PER_MONTH),
            unit="seconds",
            fixed=True,
            why=f"{HOURS_PER_MONTH} hours a month, each, asked or not",
        )
    meter = Meter.PROVISIONED_DURATION if warm else Meter.SERVERLESS
    whole = f"{usage.requests_per_month:,f} requests of {usage.milliseconds_per_request:f} ms"
    yield Line(
        group=endpoint.name,
        name=f"{_named(variant)}: {memory} MB answering",
        item=Item(meter, memory),
        quantity=Amount.of(usage.requests_per_month * usage.seconds_per_request),
        unit="seconds",
        why=f"{whole}, all of them answered by what is warm" if warm else whole,
    )


def _captured(
    endpoint: PlannedEndpoint,
    percent: int,
    template: Template,
    stacks: Iterable[Template],
    usage: Usage,
) -> Line:
    days = _retention_days(template, stacks)
    months = Decimal(1) if days is None else Decimal(days) / _DAYS_PER_MONTH
    kept = f"kept for {days} days" if days else "a month's worth of it: nothing deletes it"
    monthly = (usage.gb_in * _BASE64 + usage.gb_out) * percent / 100
    return Line(
        group=endpoint.name,
        name=f"capture of {percent} %",
        item=Item(Meter.S3_STANDARD),
        quantity=Amount.of(monthly * months),
        unit="GB-months",
        why=f"images as base64, {kept}",
    )


def _retention_days(template: Template, stacks: Iterable[Template]) -> int | None:
    """After how many days the bucket that is captured into deletes what it has."""
    # The bucket is in another stack: the reference is an import whose name holds its logical id.
    captures = [
        json.dumps(config["DataCaptureConfig"].get("DestinationS3Uri"))
        for config in _resources(template, _ENDPOINT_CONFIG)
        if config.get("DataCaptureConfig")
    ]
    for stack in stacks:
        for logical_id, body in (stack.get("Resources") or {}).items():
            if body["Type"] == "AWS::S3::Bucket" and any(logical_id in uri for uri in captures):
                rules = (body.get("Properties") or {}).get("LifecycleConfiguration") or {}
                days = [int(r["ExpirationInDays"]) for r in _enabled(rules)]
                return min(days, default=None)
    return None


def _enabled(configuration: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for rule in configuration.get("Rules") or ():
        if rule.get("Status") == "Enabled" and "ExpirationInDays" in rule:
            yield rule


def _named(variant: PlannedVariant) -> str:
    return f"{variant.name} (shadow)" if variant.shadow else variant.name


def _resources(template: Template, type_: str) -> Iterator[Mapping[str, Any]]:
    for body in (template.get("Resources") or {}).values():
        if body["Type"] == type_:
            yield body.get("Properties") or {}
