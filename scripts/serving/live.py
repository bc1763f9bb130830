"""What really runs: the environment's endpoints as SageMaker describes them, not as planned."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from config.outputs import endpoint_name
from config.roles import CHAMPION, in_order
from config.settings import Settings
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

KINDS: Final = ("realtime", "serverless")
BUSY: Final = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""An endpoint in one of these takes no other change (facts C.9)."""

MISSING: Final = "Missing"
"""The status of an endpoint that does not exist; SageMaker has no word for it."""


@dataclass(frozen=True, kw_only=True)
class LiveVariant:
    """One variant, followed down to the artifact that its model was made from.

    Its name is the role that its model has in the release.
    """

    name: str
    shadow: bool = False
    """Whether it gets copies of requests, and its answers go nowhere."""

    model_name: str | None = None
    image: str | None = None
    model_data_url: str | None = None
    current_weight: float = 0.0
    desired_weight: float = 0.0
    instance_type: str | None = None
    """None for a serverless variant, as are its numbers of instances."""

    current_instances: int | None = None
    desired_instances: int | None = None
    memory_size_mb: int | None = None
    max_concurrency: int | None = None
    provisioned_concurrency: int | None = None
    phases: tuple[str, ...] = ()
    """VariantStatus while something is under way: Creating, ActivatingTraffic, Baking, ..."""

    @property
    def serverless(self) -> bool:
        return self.max_concurrency is not None

    @property
    def artifact(self) -> str:
        """Names the model's artifact shortly: the digest in `models/<digest>/model.tar.gz`."""
        return short_artifact(self.model_data_url)


@dataclass(frozen=True, kw_only=True)
class PendingRollout:
    """An update under way: the configuration it goes to, and how far each variant is."""

    endpoint_config_name: str
    variants: tuple[LiveVariant, ...]
    started: datetime | None = None

    def share(self, name: str) -> float | None:
        """The part of the requests that a variant will get, from 0 to 1; None if nobody knows."""
        after = {each.name: each for each in self.variants}
        if name in after and after[name].shadow:
            return min(1.0, after[name].desired_weight)
        total = sum(each.desired_weight for each in self.variants if not each.shadow)
        if total <= 0:
            return None
        return after[name].desired_weight / total if name in after else 0.0


@dataclass(frozen=True, kw_only=True)
class LiveEndpoint:
    """One endpoint as it is now, with the variants of the configuration it runs."""

    kind: str
    name: str
    status: str
    failure_reason: str | None = None
    endpoint_config_name: str | None = None
    variants: tuple[LiveVariant, ...] = ()
    """In the order of their roles: the champion first, the shadow last."""

    capture_percent: int | None = None
    """Of the requests, how many are captured; None captures none."""

    modified: datetime | None = None
    pending: PendingRollout | None = None
    last_deployment: Mapping[str, Any] | None = None
    """DeploymentConfig of the last update, as SageMaker tells it (facts C.11)."""

    @property
    def exists(self) -> bool:
        return self.status != MISSING

    @property
    def busy(self) -> bool:
        return self.status in BUSY

    @property
    def by_role(self) -> dict[str, LiveVariant]:
        return {variant.name: variant for variant in self.variants}

    @property
    def serverless(self) -> bool:
        return any(variant.serverless for variant in self.variants)

    def share(self, variant: LiveVariant) -> float:
        """The part of the requests that a variant gets, from 0 to 1 (facts C.5, C.6)."""
        if variant.shadow:
            return min(1.0, variant.current_weight)
        total = sum(each.current_weight for each in self.variants if not each.shadow)
        return variant.current_weight / total if total > 0 else 0.0

    @property
    def model_data_url(self) -> str | None:
        """The artifact that the champion was made from."""
        champion = self.by_role.get(CHAMPION)
        return champion.model_data_url if champion else None


def short_artifact(url: str | None) -> str:
    """Twelve digits of a released artifact's digest; any other URL as it is."""
    digest = re.search(r"/models/([0-9a-f]{64})/", url or "")
    return digest[1][:12] if digest else url or "unknown"


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
    endpoint = _found(lambda: sagemaker.describe_endpoint(EndpointName=name))
    if endpoint is None:
        return LiveEndpoint(kind=kind, name=name, status=MISSING)
    config_name = endpoint["EndpointConfigName"]
    # Somebody can delete the configuration of an endpoint that runs (facts C.9).
    config = _found(lambda: sagemaker.describe_endpoint_config(EndpointConfigName=config_name))
    containers = {
        model: _container(sagemaker, model)
        for model in {row["ModelName"] for row in _configured(config or {}) if "ModelName" in row}
    }
    return read_endpoint(kind, endpoint, config or {}, containers)


def read_endpoint(
    kind: str,
    endpoint: Mapping[str, Any],
    config: Mapping[str, Any],
    containers: Mapping[str, Mapping[str, Any]],
) -> LiveEndpoint:
    """DescribeEndpoint's answer, with its configuration's and the containers by model name."""
    configured = {row["VariantName"]: row for row in _configured(config)}

    def variants(summary: Mapping[str, Any]) -> tuple[LiveVariant, ...]:
        found = {
            row["VariantName"]: _variant(
                row, configured.get(row["VariantName"], {}), containers, shadow=shadow
            )
            for member, shadow in (
                ("ProductionVariants", False),
                ("ShadowProductionVariants", True),
            )
            for row in summary.get(member) or ()
        }
        return tuple(found[name] for name in in_order(found))

    capture = config.get("DataCaptureConfig") or {}
    pending = endpoint.get("PendingDeploymentSummary")
    return LiveEndpoint(
        kind=kind,
        name=endpoint["EndpointName"],
        status=endpoint["EndpointStatus"],
        failure_reason=endpoint.get("FailureReason"),
        endpoint_config_name=endpoint["EndpointConfigName"],
        variants=variants(endpoint),
        capture_percent=capture.get("InitialSamplingPercentage")
        if capture.get("EnableCapture", bool(capture))
        else None,
        modified=endpoint.get("LastModifiedTime"),
        pending=PendingRollout(
            endpoint_config_name=pending["EndpointConfigName"],
            variants=variants(pending),
            started=pending.get("StartTime"),
        )
        if pending
        else None,
        last_deployment=endpoint.get("LastDeploymentConfig"),
    )


def _variant(
    row: Mapping[str, Any],
    configured: Mapping[str, Any],
    containers: Mapping[str, Mapping[str, Any]],
    *,
    shadow: bool,
) -> LiveVariant:
    container = containers.get(configured.get("ModelName", ""), {})
    serverless = (
        row.get("CurrentServerlessConfig")
        or row.get("DesiredServerlessConfig")
        or configured.get("ServerlessConfig")
        or {}
    )
    return LiveVariant(
        name=row["VariantName"],
        shadow=shadow,
        model_name=configured.get("ModelName"),
        image=container.get("Image"),
        model_data_url=container.get("ModelDataUrl"),
        current_weight=row.get("CurrentWeight", 0.0),
        desired_weight=row.get("DesiredWeight", 0.0),
        instance_type=configured.get("InstanceType"),
        current_instances=None if serverless else row.get("CurrentInstanceCount"),
        desired_instances=None if serverless else row.get("DesiredInstanceCount"),
        memory_size_mb=serverless.get("MemorySizeInMB"),
        max_concurrency=serverless.get("MaxConcurrency"),
        provisioned_concurrency=serverless.get("ProvisionedConcurrency"),
        phases=tuple(each["Status"] for each in row.get("VariantStatus") or ()),
    )


def _configured(config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [
        *(config.get("ProductionVariants") or ()),
        *(config.get("ShadowProductionVariants") or ()),
    ]


def _container(sagemaker: "SageMakerClient", model: str) -> Mapping[str, Any]:
    described: Any = _found(lambda: sagemaker.describe_model(ModelName=model))
    container: Mapping[str, Any] = (described or {}).get("PrimaryContainer") or {}
    return container


def _found(describe: Callable[[], Any]) -> Any:
    """What a Describe operation answers, or None for what does not exist (facts C.3)."""
    try:
        return describe()
    except ClientError as error:
        if "Could not find" not in str(error):
            raise
        return None
