"""What the cloud asks of an instance: one JSON line on its standard input, before anything else."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class RoleSession:
    """Where the cloud answers, and the execution role's credentials to speak to it with."""

    endpoint_url: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ContainerImage:
    """What stands where an image's URI is asked for: a command line, and the metrics it prints."""

    command: tuple[str, ...]
    metric_definitions: tuple["MetricDefinition", ...] = ()


@dataclass(frozen=True, kw_only=True)
class MetricDefinition:
    """A metric's name and the expression whose first group is its value in a log line."""

    name: str
    regex: str


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One input channel of a training job, its defaults resolved (facts sheet A.2.3, B.1)."""

    name: str
    input_mode: str
    s3_data_type: str
    s3_uri: str
    attribute_names: tuple[str, ...] = ()
    content_type: str | None = None
    record_wrapper: str | None = None
    shuffle_seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingAssignment:
    """A training job for one instance."""

    job_name: str
    job_arn: str
    instance_type: str
    directory: str
    log_stream: str
    session: RoleSession
    container: ContainerImage
    environment: dict[str, str]
    hyperparameters: dict[str, str]
    channels: tuple[Channel, ...]
    output_path: str
    output_kms_key_id: str | None
    max_runtime_seconds: float
    stop_grace_seconds: float


@dataclass(frozen=True, kw_only=True)
class HostingAssignment:
    """One model server behind a variant of an endpoint."""

    endpoint_name: str
    variant_name: str
    instance_id: str
    directory: str
    session: RoleSession
    container: ContainerImage
    environment: dict[str, str]
    model_data_url: str | None
    model_bytes_limit: int
    download_timeout_seconds: float
    ping_timeout_seconds: float
    stop_grace_seconds: float
    ping_interval_seconds: float = 5.0
    ping_failures: int = 9
    network_isolation: bool = False
    """The container is given no credentials and no address of the cloud."""
    utilization_seconds: float = 60.0
    memory_bytes: int | None = None
    """What MemoryUtilization is a share of; None is the machine's memory."""
