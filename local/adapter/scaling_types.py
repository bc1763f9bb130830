"""AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy as CloudFormation resource types.

Stock: unknown types.
Needed: return values and replacement rules of the resource registry: a target's Ref is
`<resource>|<dimension>|<namespace>` and its `Id` the same, a policy's Ref and `Arn` its ARN.
Touches: `provisioners._RESOURCE_HANDLERS`, `._REPLACING_PROPERTIES`,
`stacks._runs_on_worker_thread`.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from local.adapter.cloudformation_types import (
    Properties,
    Provisioned,
    ProvisioningFailed,
    current_scope,
)
from local.autoscaling.service import SERVICE, AutoScaling
from local.autoscaling.variants import NAMESPACE
from local.sagemaker.errors import ApiError
from local.sagemaker.shapes import coerce

PREFIX = "AWS::ApplicationAutoScaling::"
_TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")
_NOT_PARAMETERS = ("ScalingTargetId",)


class TargetType:
    """ScalableTarget."""

    type_name = f"{PREFIX}ScalableTarget"
    replacing = _TARGET

    def __init__(self, autoscaling: AutoScaling) -> None:
        self._call = _caller(autoscaling)

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Provisioned:
        if properties.get("ScheduledActions"):
            raise ProvisioningFailed("ScheduledActions is not supported by the local cloud yet.")
        self._call("RegisterScalableTarget", properties)
        physical_id = "|".join(str(properties[member]) for member in _TARGET)
        return physical_id, {"Id": physical_id}

    def update(self, _id: str, _old: Properties, new: Properties, stack: str) -> Provisioned:
        return self.create("", new, stack)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        with contextlib.suppress(NotThere):
            self._call("DeregisterScalableTarget", _named(physical_id))


class PolicyType:
    """ScalingPolicy, which names its target by `ScalingTargetId` or in three properties."""

    type_name = f"{PREFIX}ScalingPolicy"
    replacing = ("PolicyName", "ScalingTargetId", *_TARGET)

    def __init__(self, autoscaling: AutoScaling) -> None:
        self._call = _caller(autoscaling)

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Provisioned:
        answer = self._call("PutScalingPolicy", _with_target(properties))
        return answer["PolicyARN"], {"Arn": answer["PolicyARN"]}

    def update(self, _arn: str, _old: Properties, new: Properties, stack: str) -> Provisioned:
        return self.create("", new, stack)

    def delete(self, _arn: str, properties: Properties) -> None:
        given = _with_target(properties)
        request = {member: given[member] for member in ("PolicyName", *_TARGET)}
        with contextlib.suppress(NotThere):  # or with its target, which is deleted first or gone
            self._call("DeleteScalingPolicy", request)


class NotThere(ProvisioningFailed):
    """What is to be deleted is gone already."""


def _with_target(properties: Properties) -> Properties:
    given = {key: properties[key] for key in properties if key not in _NOT_PARAMETERS}
    named = _named(properties["ScalingTargetId"]) if "ScalingTargetId" in properties else {}
    return {"ServiceNamespace": NAMESPACE, **given, **named}


def _named(physical_id: str) -> dict[str, str]:
    return dict(zip(_TARGET, physical_id.split("|"), strict=True))


def _caller(autoscaling: AutoScaling) -> Callable[[str, Properties], dict[str, Any]]:
    def call(operation: str, properties: Properties) -> dict[str, Any]:
        try:
            request = coerce(operation, properties, SERVICE)
            return autoscaling.call(current_scope(), operation, request)
        except ApiError as error:
            kind = NotThere if error.code == "ObjectNotFoundException" else ProvisioningFailed
            raise kind(f"{error.message} (Service: ApplicationAutoScaling, {error.code})") from None

    return call


def install(autoscaling: AutoScaling) -> None:
    """Register the two types."""
    from ministack.services.cloudformation import provisioners, stacks

    for resource_type in (TargetType(autoscaling), PolicyType(autoscaling)):
        provisioners._RESOURCE_HANDLERS[resource_type.type_name] = {
            "create": resource_type.create,
            "update": resource_type.update,
            "delete": resource_type.delete,
        }
        provisioners._REPLACING_PROPERTIES[resource_type.type_name] = resource_type.replacing
    stock = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name.startswith(PREFIX) or stock(name)
