"""How true each operation is to AWS: the table of README.md, printed by `python -m local fidelity`.

The operations and what they refuse come from the code; what is said of them is said here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from local.sagemaker import endpoint_configs, models, training_jobs, training_rules

REAL, SIMULATED = "real", "simulated"
SAGEMAKER, RUNTIME = "SageMaker", "SageMaker Runtime"
AUTOSCALING = "Application Auto Scaling"


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """How an operation is done here, in a word and in a sentence."""

    how: str
    remark: str
    simulated: Mapping[str, str] | None = None
    """Members that are taken and reported, by path, and what becomes of each."""


_NAMES_AND_PAGES = Fidelity(how=REAL, remark="filters, order and pages")
_RECORD = Fidelity(how=REAL, remark="absent members are left out")
_AT_ONCE = Fidelity(how=REAL, remark="at once; what was made from it goes on")
_TAGS = Fidelity(how=REAL, remark="on every kind of resource here")

OPERATIONS: dict[str, dict[str, Fidelity]] = {
    SAGEMAKER: {
        "CreateModel": Fidelity(
            how=REAL,
            remark="one container",
            simulated={
                "PrimaryContainer.Image": "stands for a command line from the images file",
                "PrimaryContainer.ContainerHostname": "reported",
                "VpcConfig": "reported, nothing is connected",
                "EnableNetworkIsolation": "the container's environment holds no credentials",
            },
        ),
        "DescribeModel": _RECORD,
        "ListModels": _NAMES_AND_PAGES,
        "DeleteModel": _AT_ONCE,
        "CreateEndpointConfig": Fidelity(
            how=REAL,
            remark="variants by weight, shadow, serverless, data capture",
            simulated={
                "ProductionVariants.InstanceType": "reported; each process has this machine",
                "ProductionVariants.VolumeSizeInGB": "checked, no volume is made",
                "ProductionVariants.ServerlessConfig.MemorySizeInMB": "reported; what "
                "MemoryUtilization is measured against",
                "DataCaptureConfig.KmsKeyId": "handed to S3, which encrypts nothing here",
                "MetricsConfig.EnableEnhancedMetrics": "reported; each instance's metrics are "
                "its variant's",
            },
        ),
        "DescribeEndpointConfig": _RECORD,
        "ListEndpointConfigs": _NAMES_AND_PAGES,
        "DeleteEndpointConfig": _AT_ONCE,
        "CreateEndpoint": Fidelity(
            how=REAL,
            remark="one process an instance; DeploymentConfig is checked, and used by updates only",
        ),
        "DescribeEndpoint": Fidelity(
            how=REAL,
            remark="absent members are left out; while an update is under way CurrentWeight of a "
            "pending variant is its weight times its share of the traffic",
        ),
        "ListEndpoints": _NAMES_AND_PAGES,
        "UpdateEndpoint": Fidelity(
            how=REAL,
            remark="all at once, canary, linear, rolling; alarms watched, rolled back; after a "
            "restart of the cloud it starts anew. A percentage of CanarySize and LinearStepSize "
            "is taken of the requests",
        ),
        "UpdateEndpointWeightsAndCapacities": Fidelity(
            how=REAL, remark="what grows first; back to what there was when that fails"
        ),
        "DeleteEndpoint": Fidelity(
            how=REAL, remark="in any status; requests under way are answered"
        ),
        "CreateTrainingJob": Fidelity(
            how=REAL,
            remark="one instance",
            simulated={
                "AlgorithmSpecification.TrainingImage": "stands for a command line",
                "ResourceConfig.InstanceType": "reported; the process has this machine",
                "ResourceConfig.VolumeSizeInGB": "checked, no volume is made",
                "OutputDataConfig.KmsKeyId": "handed to S3, which encrypts nothing here",
            },
        ),
        "DescribeTrainingJob": _RECORD,
        "ListTrainingJobs": _NAMES_AND_PAGES,
        "StopTrainingJob": Fidelity(how=REAL, remark="SIGTERM, two minutes later SIGKILL"),
        "DeleteTrainingJob": Fidelity(how=REAL, remark="of a job that has ended"),
        "AddTags": _TAGS,
        "ListTags": _TAGS,
        "DeleteTags": _TAGS,
    },
    RUNTIME: {
        "InvokeEndpoint": Fidelity(
            how=REAL, remark="by weight or TargetVariant; errors, limits and times as on AWS"
        ),
    },
    AUTOSCALING: {
        "RegisterScalableTarget": Fidelity(
            how=REAL, remark="instances and provisioned concurrency of variants"
        ),
        "DescribeScalableTargets": _RECORD,
        "DeregisterScalableTarget": Fidelity(how=REAL, remark="with its policies and alarms"),
        "PutScalingPolicy": Fidelity(
            how=REAL, remark="target tracking, which adds and removes processes"
        ),
        "DescribeScalingPolicies": _RECORD,
        "DeleteScalingPolicy": Fidelity(how=REAL, remark="with its alarms"),
        "DescribeScalingActivities": _RECORD,
        "ListTagsForResource": _TAGS,
        "TagResource": _TAGS,
        "UntagResource": _TAGS,
    },
}
REFUSED: dict[str, Mapping[str, tuple[str, ...]]] = {
    "CreateModel": models.UNSUPPORTED,
    "CreateEndpointConfig": endpoint_configs.UNSUPPORTED,
    "CreateTrainingJob": training_rules.UNSUPPORTED,
    "ListTrainingJobs": {"": training_jobs.UNSUPPORTED_FILTERS},
}
"""Members that an operation refuses by name, by the structure that they are members of."""


def table() -> str:
    """Everything, as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| service | operation | how | |"
    yield "|---|---|---|---|"
    for service, operations in OPERATIONS.items():
        for name, fidelity in sorted(operations.items()):
            yield f"| {service} | {name} | **{fidelity.how}** | {fidelity.remark} |"
    yield "| all of them | any other | **missing** | refused: UnknownOperationException |"
    yield ""
    yield "| operation | member | how | |"
    yield "|---|---|---|---|"
    for operations in OPERATIONS.values():
        for name, fidelity in sorted(operations.items()):
            for path, remark in (fidelity.simulated or {}).items():
                yield f"| {name} | {path} | **{SIMULATED}** | {remark} |"
    for name, structures in REFUSED.items():
        for path, members in structures.items():
            within = f"{path}: " if path else ""
            yield f"| {name} | {within}{', '.join(members)} | **missing** | refused by name |"
