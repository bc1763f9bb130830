"""AWS::SageMaker::Model, EndpointConfig and Endpoint as CloudFormation resource types.

Stock: unknown types, and an extensible table of handlers whose work runs on the event loop.
Needed: the replacement rules and return values of facts sheet D.1 (Ref = ARN), generated names, an
Endpoint updated in place, provisioning on worker threads (the server behind an endpoint calls
back).
Touches: `provisioners._RESOURCE_HANDLERS`, `._REPLACING_PROPERTIES`, `._STACK_TAG_PROPERTY`,
`._physical_name`, `stacks._runs_on_worker_thread`, `responses.get_account_id`, `.get_region`.
"""

import contextlib
import time
from dataclasses import dataclass
from typing import Any, Protocol

from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope
from local.sagemaker.shapes import coerce

Properties = dict[str, Any]
Provisioned = tuple[str, dict[str, str]]
_NAME_LIMIT = 63
_OWNER = "aws:cloudformation:"
_DELETION_POLL_SECONDS = 0.05


class Control(Protocol):
    """The part of SageMaker that CloudFormation drives."""

    def call(self, scope: Scope, operation: str, request: Properties) -> Properties:
        """One operation of the control plane. Raises ApiError."""

    def wait_until_settled(self, scope: Scope, endpoint_name: str) -> Properties:
        """Block until the endpoint is InService or Failed; its description."""


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One type: its kind in the API's operation names, and what makes CloudFormation replace it."""

    kind: str
    replacing: tuple[str, ...]

    @property
    def type_name(self) -> str:
        return f"AWS::SageMaker::{self.kind}"

    def name(self, arn: str, properties: Properties) -> str:
        """A name that finds the resource: names differ by more than their case, and an ARN holds
        them in lower case."""
        explicit: str | None = properties.get(f"{self.kind}Name")
        return explicit or arn.rpartition("/")[2]


MODEL = ResourceType(
    kind="Model",
    replacing=(
        "ModelName",
        "PrimaryContainer",
        "Containers",
        "ExecutionRoleArn",
        "VpcConfig",
        "EnableNetworkIsolation",
        "InferenceExecutionConfig",
    ),
)
ENDPOINT_CONFIG = ResourceType(
    kind="EndpointConfig",
    replacing=(
        "EndpointConfigName",
        "ProductionVariants",
        "ShadowProductionVariants",
        "DataCaptureConfig",
        "AsyncInferenceConfig",
        "KmsKeyId",
        "VpcConfig",
        "ExecutionRoleArn",
        "ExplainerConfig",
        "EnableNetworkIsolation",
        "MetricsConfig",
    ),
)
ENDPOINT = ResourceType(kind="Endpoint", replacing=("EndpointName",))
_TYPES = (MODEL, ENDPOINT_CONFIG, ENDPOINT)
# Parameters of UpdateEndpoint, which CreateEndpoint does not take.
_ENDPOINT_UPDATE_ONLY = (
    "RetainAllVariantProperties",
    "ExcludeRetainedVariantProperties",
    "RetainDeploymentConfig",
)


class Handler:
    """Creates, updates and deletes the resources of one type through the API's own operations."""

    def __init__(self, resource_type: ResourceType, sagemaker: Control) -> None:
        self.type = resource_type
        self.sagemaker = sagemaker

    def create(self, logical_id: str, properties: Properties, stack: str) -> Provisioned:
        """Create the resource; CloudFormation names what the template leaves unnamed."""
        from ministack.services.cloudformation import provisioners

        kind = self.type.kind
        generated = provisioners._physical_name(stack, logical_id, max_len=_NAME_LIMIT)
        request = {f"{kind}Name": generated, **self.creation(properties)}
        answer = self.call(f"Create{kind}", request)
        self.settle(request[f"{kind}Name"])
        return self.provisioned(answer[f"{kind}Arn"], properties)

    def creation(self, properties: Properties) -> Properties:
        """The properties that the Create operation takes."""
        return properties

    def settle(self, name: str) -> None:
        """Wait until the created resource is usable; models and configurations are at once."""

    def update(self, arn: str, old: Properties, new: Properties, _stack: str) -> Provisioned:
        """Change in place what does not replace the resource."""
        self.retag(arn, old, new)
        return self.provisioned(arn, new)

    def delete(self, arn: str, properties: Properties) -> None:
        """Delete the resource; one that is gone already counts as deleted."""
        name = self.type.name(arn, properties)
        if self.exists(name):
            self.call(f"Delete{self.type.kind}", {f"{self.type.kind}Name": name})

    def exists(self, name: str) -> bool:
        """Whether the service still knows the resource."""
        try:
            self.call(f"Describe{self.type.kind}", {f"{self.type.kind}Name": name})
        except ProvisioningFailed:
            return False
        return True

    def provisioned(self, arn: str, properties: Properties) -> Provisioned:
        """The physical id (what Ref gives) and what Fn::GetAtt gives."""
        name = f"{self.type.kind}Name"
        sought = {name: self.type.name(arn, properties)}
        description = self.call(f"Describe{self.type.kind}", sought)
        return arn, {f"{self.type.kind}Arn": arn, name: description[name]}

    def made_by(self, stack_id: str, logical_id: str, other_than: str) -> tuple[str, str] | None:
        """ARN and name of what a stack made for a logical id, other than one ARN, by its tags."""
        kind = self.type.kind
        page: Properties = {}
        while True:
            answer = self.call(f"List{kind}s", page)
            for listed in answer[f"{kind}s"]:
                arn = listed[f"{kind}Arn"]
                tags = _tags(self.call("ListTags", {"ResourceArn": arn}))
                owner = tags.get(f"{_OWNER}stack-id"), tags.get(f"{_OWNER}logical-id")
                if arn != other_than and owner == (stack_id, logical_id):
                    return arn, listed[f"{kind}Name"]
            if "NextToken" not in answer:
                return None
            page = {"NextToken": answer["NextToken"]}

    def retag(self, arn: str, old: Properties, new: Properties) -> None:
        """Carry the difference of the `Tags` properties over to the resource."""
        before, after = _tags(old), _tags(new)
        if gone := sorted(before.keys() - after.keys()):
            self.call("DeleteTags", {"ResourceArn": arn, "TagKeys": gone})
        if after != before and after:
            tags = [{"Key": key, "Value": value} for key, value in after.items()]
            self.call("AddTags", {"ResourceArn": arn, "Tags": tags})

    def call(self, operation: str, request: Properties) -> Properties:
        """One API operation for the stack's account and region. Raises ProvisioningFailed."""
        try:
            return self.sagemaker.call(current_scope(), operation, coerce(operation, request))
        except ApiError as error:
            raise _failure(error) from None


class EndpointHandler(Handler):
    """An endpoint is done only when it serves, and moves to another configuration in place."""

    def creation(self, properties: Properties) -> Properties:
        return {key: properties[key] for key in properties if key not in _ENDPOINT_UPDATE_ONLY}

    def settle(self, name: str) -> None:
        description = self.settled(name)
        if description["EndpointStatus"] != "InService":
            # Rollback deletes only what was created, and a Failed endpoint holds its name (D.3, 6).
            self.delete(description["EndpointArn"], {"EndpointName": name})
            raise ProvisioningFailed(description.get("FailureReason", "the endpoint did not start"))

    def update(self, arn: str, old: Properties, new: Properties, stack: str) -> Provisioned:
        wanted = new["EndpointConfigName"]
        if wanted != old["EndpointConfigName"]:
            name = self.type.name(arn, new)
            # After a restart of the cloud an endpoint takes no update until its servers are back,
            # and it may never have left the configuration that a rollback takes it to.
            description = self.settled(name)
            serves_a_mix = description["EndpointStatus"] == "UpdateRollbackFailed"
            if description["EndpointConfigName"] != wanted or serves_a_mix:
                self.move(name, new)
                description = self.settled(name)
            if (
                description["EndpointConfigName"] != wanted
                or description["EndpointStatus"] != "InService"
            ):
                raise ProvisioningFailed(
                    description.get("FailureReason", f"endpoint {name} did not move to {wanted}")
                )
        return super().update(arn, old, new, stack)

    def move(self, name: str, properties: Properties) -> None:
        """Begin the endpoint's way to the configuration of its properties."""
        taken = ("EndpointConfigName", "DeploymentConfig", *_ENDPOINT_UPDATE_ONLY)
        request = {key: properties[key] for key in taken if key in properties}
        self.call("UpdateEndpoint", {"EndpointName": name, **request})

    def delete(self, arn: str, properties: Properties) -> None:
        name = self.type.name(arn, properties)
        with contextlib.suppress(ProvisioningFailed):  # gone already
            self.settled(name)
        super().delete(arn, properties)
        while self.exists(name):  # its servers finish what they are answering first
            time.sleep(_DELETION_POLL_SECONDS)

    def settled(self, name: str) -> Properties:
        """The endpoint's description once nothing is under way. Raises ProvisioningFailed."""
        try:
            return self.sagemaker.wait_until_settled(current_scope(), name)
        except ApiError as error:
            raise _failure(error) from None


class ProvisioningFailed(ValueError):
    """Why a resource failed; CloudFormation shows the text in the stack's event."""


def _failure(error: ApiError) -> ProvisioningFailed:
    return ProvisioningFailed(f"{error.message} (Service: SageMaker, {error.code})")


def handler_of(type_name: str, sagemaker: Control) -> Handler | None:
    """The handler of a CloudFormation type; None when the type is not one of ours."""
    known = {each.type_name: each for each in _TYPES}
    return _handler(known[type_name], sagemaker) if type_name in known else None


def _handler(resource_type: ResourceType, sagemaker: Control) -> Handler:
    handler_class = EndpointHandler if resource_type is ENDPOINT else Handler
    return handler_class(resource_type, sagemaker)


def install(sagemaker: Control) -> None:
    """Register the three types."""
    from ministack.services.cloudformation import provisioners, stacks

    for resource_type in _TYPES:
        handler = _handler(resource_type, sagemaker)
        provisioners._RESOURCE_HANDLERS[resource_type.type_name] = {
            "create": handler.create,
            "update": handler.update,
            "delete": handler.delete,
        }
        provisioners._REPLACING_PROPERTIES[resource_type.type_name] = resource_type.replacing
        provisioners._STACK_TAG_PROPERTY[resource_type.type_name] = ("Tags", "list")
    stock = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name.startswith("AWS::SageMaker::") or stock(name)


def current_scope() -> Scope:
    """The account and region of the stack operation that runs in this context."""
    from ministack.core.responses import get_account_id, get_region

    return Scope(account=get_account_id(), region=get_region())


def _tags(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags") or []}
