"""What the control plane remembers of each resource; everything here survives a restart."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from local.sagemaker.ports import Scope


@dataclass(kw_only=True)
class Resource:
    """What all resources have. `request` is what created it, its tags taken out."""

    segment: ClassVar[str]
    """The resource's kind as ARNs spell it."""
    kind: ClassVar[str]
    """The resource's kind as error messages spell it."""

    account: str
    region: str
    name: str
    created: float
    modified: float
    request: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return Scope(account=self.account, region=self.region)

    @property
    def arn(self) -> str:
        return resource_arn(self.scope, self.segment, self.name)


@dataclass(kw_only=True)
class Model(Resource):
    """A container image with its artifact and environment."""

    segment: ClassVar[str] = "model"
    kind: ClassVar[str] = "model"


@dataclass(kw_only=True)
class EndpointConfig(Resource):
    """Variants: which models, on how much, with what share of the traffic."""

    segment: ClassVar[str] = "endpoint-config"
    kind: ClassVar[str] = "endpoint configuration"


@dataclass(kw_only=True)
class Variant:
    """A production variant as deployed.

    It carries its model's definition: a configuration and a model may be deleted while an endpoint
    that was made from them goes on, and restarts, scale-outs and restores still need them.
    """

    name: str
    model_name: str
    image: str
    model_data_url: str | None
    role_arn: str
    environment: dict[str, str]
    instance_type: str | None
    instance_count: int
    desired_instance_count: int
    weight: float
    desired_weight: float
    serverless: dict[str, int] | None
    routing_strategy: str
    ping_timeout_seconds: float
    download_timeout_seconds: float
    resolved: float
    desired_serverless: dict[str, int] | None = None
    network_isolation: bool = False
    metrics_period_seconds: float | None = None
    """How often its metrics are published; None is as often as the local cloud likes."""

    def __post_init__(self) -> None:
        if self.desired_serverless is None:
            self.desired_serverless = self.serverless


@dataclass(kw_only=True)
class Capture:
    """What an endpoint keeps of its traffic, where, and how (facts sheet C.7)."""

    enabled: bool
    sampled_percent: int
    destination: str
    input: bool
    output: bool
    json_content_types: list[str]
    csv_content_types: list[str]
    kms_key_id: str | None = None


@dataclass(kw_only=True)
class Phase:
    """What an update is doing: a VariantStatus, the same for all variants (facts sheet C.9)."""

    status: str
    message: str
    start: float


@dataclass(kw_only=True)
class Deployment:
    """An endpoint configuration as it was when the endpoint took it."""

    config_name: str
    variants: list[Variant]
    started: float
    shadows: list[Variant] = field(default_factory=list)
    """They get copies of requests and answer nobody (facts sheet C.6)."""
    capture: Capture | None = None
    metrics: dict[str, Any] | None = None
    """MetricsConfig, as it is described."""
    config: dict[str, Any] | None = None
    """The DeploymentConfig that brings it in; None moves all traffic at once."""
    share: float = 1.0
    """Of the endpoint's requests: below 1 while two deployments are at work."""
    phase: Phase | None = None

    @property
    def everything(self) -> list[Variant]:
        """What runs: the variants that answer and those that only get copies."""
        return [*self.variants, *self.shadows]

    @property
    def desired_instances(self) -> int:
        """Of all variants together; a serverless one has none."""
        return sum(variant.desired_instance_count for variant in self.everything)


@dataclass(kw_only=True)
class Endpoint(Resource):
    """`current` serves; `pending` is being brought up beside it."""

    segment: ClassVar[str] = "endpoint"
    kind: ClassVar[str] = "endpoint"

    status: str
    failure_reason: str | None = None
    current: Deployment | None = None
    pending: Deployment | None = None
    last_deployment_config: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Transition:
    """One secondary status of a training job; its message may change while it lasts."""

    status: str
    message: str
    start: float
    end: float | None = None


@dataclass(kw_only=True)
class TrainingJob(Resource):
    """A training job and how far it came."""

    segment: ClassVar[str] = "training-job"
    kind: ClassVar[str] = "training job"

    status: str
    secondary_status: str
    transitions: list[Transition] = field(default_factory=list)
    metric_definitions: list[dict[str, str]] = field(default_factory=list)
    training_start: float | None = None
    training_end: float | None = None
    failure_reason: str | None = None
    artifact: str | None = None
    final_metrics: list[dict[str, Any]] = field(default_factory=list)


def resource_arn(scope: Scope, segment: str, name: str) -> str:
    """SageMaker writes names in lower case in ARNs (facts sheet E.7)."""
    return scope.arn(f"{segment}/{name.lower()}")
