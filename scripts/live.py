"""What really runs: the environment's endpoints as SageMaker describes them, not as planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from config.outputs import endpoint_name
from config.release import ReleasedModel
from config.settings import Settings
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import ProductionVariantSummaryTypeDef

KINDS: Final = ("realtime", "serverless")


@dataclass(frozen=True, kw_only=True)
class LiveEndpoint:
    """One endpoint, followed down to the artifact that its model was made from."""

    kind: str
    name: str
    status: str
    failure_reason: str | None = None
    endpoint_config_name: str | None = None
    model_arn: str | None = None
    image: str | None = None
    model_data_url: str | None = None
    instances: int | None = None
    """How many the endpoint is asked to keep; None for a serverless one."""

    def summary(self) -> dict[str, str]:
        """What the operator wants to see after a deployment."""
        return {
            "endpoint": self.name,
            "status": self.status if self.instances is None else self._status_of_a_fleet(),
            "endpoint_configuration": self.endpoint_config_name or "-",
            "model": self.model_arn or "-",
        }

    def _status_of_a_fleet(self) -> str:
        return f"{self.status}, {self.instances} instance{'' if self.instances == 1 else 's'}"


def kinds(settings: Settings) -> tuple[str, ...]:
    """The endpoint kinds that the environment's settings switch on."""
    switched = {"realtime": settings.realtime, "serverless": settings.serverless}
    return tuple(kind for kind in KINDS if switched[kind] is not None)


def live_endpoints(session: Session) -> list[LiveEndpoint]:
    """Every endpoint that the settings switch on, as it is now."""
    return [live_endpoint(session, kind) for kind in kinds(session.settings)]


def live_endpoint(session: Session, kind: str) -> LiveEndpoint:
    """One endpoint as it is now; status `Missing` when there is none."""
    name = endpoint_name(session.settings.app, session.settings.name, kind)
    sagemaker: SageMakerClient = session.client("sagemaker")
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=name)
    except ClientError as error:
        if "Could not find" not in str(error):
            raise
        return LiveEndpoint(kind=kind, name=name, status="Missing")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    container = model["PrimaryContainer"]
    return LiveEndpoint(
        kind=kind,
        name=name,
        status=endpoint["EndpointStatus"],
        failure_reason=endpoint.get("FailureReason"),
        endpoint_config_name=endpoint["EndpointConfigName"],
        model_arn=model["ModelArn"],
        image=container.get("Image"),
        model_data_url=container.get("ModelDataUrl"),
        instances=_instances(endpoint["ProductionVariants"][0]),
    )


def _instances(variant: "ProductionVariantSummaryTypeDef") -> int | None:
    if "CurrentServerlessConfig" in variant or "DesiredServerlessConfig" in variant:
        return None
    return variant.get("DesiredInstanceCount")


def differences(released: ReleasedModel, endpoints: Sequence[LiveEndpoint]) -> list[str]:
    """What differs between the release and what runs, one clause each; empty when nothing."""
    return [clause for endpoint in endpoints for clause in _differences(released, endpoint)]


def _differences(released: ReleasedModel, endpoint: LiveEndpoint) -> list[str]:
    wanted = {
        "status": ("InService", endpoint.status),
        "image": (released.image, endpoint.image),
        "model data": (released.model_data_url, endpoint.model_data_url),
    }
    found = [
        f"{endpoint.name}: {what} is {is_!r}, not {should!r}"
        for what, (should, is_) in wanted.items()
        if is_ != should
    ]
    if found and endpoint.failure_reason:
        found.append(f"reason given: {endpoint.failure_reason}")
    return found
