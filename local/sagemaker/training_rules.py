"""What CreateTrainingJob refuses beyond its shapes, and the channels it stands for (A.2, E.1)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.instance.assignment import Channel
from local.instance.s3 import ObjectUri
from local.sagemaker.errors import invalid, unsupported
from local.sagemaker.refusals import refuse

MANIFEST = "AugmentedManifestFile"
UNSUPPORTED: dict[str, tuple[str, ...]] = {
    "": (
        "VpcConfig",
        "EnableNetworkIsolation",
        "EnableManagedSpotTraining",
        "CheckpointConfig",
        "DebugRuleConfigurations",
        "TensorBoardOutputConfig",
        "ExperimentConfig",
        "ProfilerRuleConfigurations",
        "RetryStrategy",
        "SessionChainingConfig",
        "ServerlessJobConfig",
        "MlflowConfig",
        "ModelPackageConfig",
    ),
    # The SageMaker SDK v2 sends both with every job; without these members they ask for nothing.
    "DebugHookConfig": ("CollectionConfigurations", "HookParameters"),
    "ProfilerConfig": ("ProfilingIntervalInMilliseconds", "ProfilingParameters"),
    "AlgorithmSpecification": (
        "AlgorithmName",
        "EnableSageMakerMetricsTimeSeries",
        "ContainerEntrypoint",
        "ContainerArguments",
        "TrainingImageConfig",
    ),
    "ResourceConfig": (
        "VolumeKmsKeyId",
        "KeepAlivePeriodInSeconds",
        "InstanceGroups",
        "TrainingPlanArn",
        "InstancePlacementConfig",
        "InstancePreferences",
    ),
    "StoppingCondition": ("MaxWaitTimeInSeconds", "MaxPendingTimeInSeconds"),
    "InputDataConfig.DataSource.S3DataSource": (
        "InstanceGroupNames",
        "ModelAccessConfig",
        "HubAccessConfig",
    ),
}
"""What CreateTrainingJob refuses, by the structure that it is a member of."""


def check(request: Mapping[str, Any]) -> None:
    """Raises ApiError for what the service forbids or the local cloud cannot do."""
    refuse(request, "CreateTrainingJob", *UNSUPPORTED[""])
    for member in ("DebugHookConfig", "ProfilerConfig"):
        refuse(request.get(member, {}), f"CreateTrainingJob {member}", *UNSUPPORTED[member])
    for member, switch, harmless in (
        ("RemoteDebugConfig", "EnableRemoteDebug", False),
        ("InfraCheckConfig", "EnableInfraCheck", False),
    ):
        if member in request and request[member].get(switch) is not harmless:
            raise unsupported(f"CreateTrainingJob {member}")
    _check_algorithm(request["AlgorithmSpecification"])
    _check_resources(request.get("ResourceConfig"))
    if request["OutputDataConfig"].get("CompressionType", "GZIP") != "GZIP":
        raise unsupported("OutputDataConfig CompressionType=NONE")
    _s3_uri("OutputDataConfig S3OutputPath", request["OutputDataConfig"]["S3OutputPath"])
    member = "StoppingCondition"
    refuse(request.get(member, {}), member, *UNSUPPORTED[member])


def channels(request: Mapping[str, Any]) -> tuple[Channel, ...]:
    """The input channels with their defaults resolved. Raises ApiError naming the channel."""
    job_mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    found = tuple(_channel(entry, job_mode) for entry in request.get("InputDataConfig", ()))
    names = [channel.name for channel in found]
    if len(set(names)) < len(names):
        raise invalid(f"Channel names must be unique within a job: {', '.join(names)}.")
    _check_names(found)
    return found


def _check_names(found: Sequence[Channel]) -> None:
    """A File channel is a directory of its name beside the FIFOs of the Pipe channels (B.1)."""
    pipes = [channel.name for channel in found if channel.input_mode == "Pipe"]
    for channel in found:
        name = channel.name
        if name in (".", ".."):
            raise invalid(f"Channel {name}: a channel cannot have this name; use letters.")
        pipe, _, epoch = name.rpartition("_")
        if channel.input_mode == "File" and pipe in pipes and epoch.isdecimal():
            raise invalid(
                f"Channel {name}: the Pipe channel {pipe} has a FIFO of this name; "
                "rename one of the two."
            )


def _channel(entry: Mapping[str, Any], job_mode: str) -> Channel:
    name = entry["ChannelName"]
    mode = entry.get("InputMode", job_mode)
    source = entry["DataSource"].get("S3DataSource")
    if source is None or len(entry["DataSource"]) > 1:
        raise unsupported(f"Channel {name}: a DataSource other than S3DataSource")
    kind, wrapper = source["S3DataType"], entry.get("RecordWrapperType", "None")
    uri = _s3_uri(f"Channel {name}: S3Uri", source["S3Uri"])
    _check_modes(name, mode, kind, entry, source)
    if kind == MANIFEST:
        _check_manifest(name, mode, wrapper, source)
    elif source.get("AttributeNames"):
        raise invalid(f"Channel {name}: AttributeNames are for {MANIFEST} only.")
    return Channel(
        name=name,
        input_mode=mode,
        s3_data_type=kind,
        s3_uri=str(uri),
        attribute_names=tuple(source.get("AttributeNames", ())),
        content_type=entry.get("ContentType"),
        record_wrapper=None if wrapper == "None" else wrapper,
        shuffle_seed=entry.get("ShuffleConfig", {}).get("Seed"),
    )


def _check_modes(
    name: str, mode: str, kind: str, entry: Mapping[str, Any], source: Mapping[str, Any]
) -> None:
    refuse(source, f"Channel {name}:", *UNSUPPORTED["InputDataConfig.DataSource.S3DataSource"])
    if mode == "FastFile":
        raise unsupported(f"Channel {name}: InputMode FastFile")
    if kind not in (MANIFEST, "S3Prefix"):
        raise unsupported(f"Channel {name}: S3DataType {kind}")
    if entry.get("CompressionType", "None") != "None":
        raise unsupported(f"Channel {name}: CompressionType {entry['CompressionType']}")
    if (
        source.get("S3DataDistributionType", "FullyReplicated") != "FullyReplicated"
        and kind != MANIFEST
    ):
        raise unsupported(f"Channel {name}: S3DataDistributionType ShardedByS3Key")
    if mode == "File" and entry.get("RecordWrapperType", "None") != "None":
        raise invalid(f"Channel {name}: RecordWrapperType is for InputMode Pipe only.")
    if mode == "File" and "ShuffleConfig" in entry:
        raise unsupported(f"Channel {name}: ShuffleConfig with InputMode File")


def _check_manifest(name: str, mode: str, wrapper: str, source: Mapping[str, Any]) -> None:
    """Facts sheet A.2.3."""
    if not source.get("AttributeNames"):
        raise invalid(f"Channel {name}: AttributeNames are required with {MANIFEST}.")
    if mode != "Pipe":
        raise invalid(f"Channel {name}: {MANIFEST} needs InputMode Pipe, not {mode}.")
    if wrapper != "RecordIO":
        raise invalid(
            f"Channel {name}: {MANIFEST} needs RecordWrapperType RecordIO, not {wrapper}."
        )
    distribution = source.get("S3DataDistributionType", "FullyReplicated")
    if distribution != "FullyReplicated":
        raise invalid(
            f"Channel {name}: {MANIFEST} needs S3DataDistributionType FullyReplicated, "
            f"not {distribution}."
        )


def _check_algorithm(specification: Mapping[str, Any]) -> None:
    refuse(specification, "AlgorithmSpecification", *UNSUPPORTED["AlgorithmSpecification"])
    if not specification.get("TrainingImage"):
        raise invalid("AlgorithmSpecification needs a TrainingImage.")
    for definition in specification.get("MetricDefinitions") or ():
        _check_regex(definition["Name"], definition["Regex"])


def _check_regex(metric: str, regex: str) -> None:
    try:
        re.compile(regex)
    except (re.error, OverflowError, RecursionError) as error:
        raise invalid(
            f"MetricDefinitions {metric}: the Regex {regex!r} is not a regular expression: {error}."
        ) from None


def _check_resources(resources: Mapping[str, Any] | None) -> None:
    if not resources or "InstanceType" not in resources or "InstanceCount" not in resources:
        raise invalid("ResourceConfig needs an InstanceType and an InstanceCount.")
    refuse(resources, "ResourceConfig", *UNSUPPORTED["ResourceConfig"])
    if resources["InstanceCount"] != 1:
        raise unsupported(f"ResourceConfig InstanceCount {resources['InstanceCount']}")


def _s3_uri(what: str, text: str) -> ObjectUri:
    try:
        return ObjectUri.parse(text)
    except ValueError as error:
        raise invalid(f"{what}: {error}.") from None
