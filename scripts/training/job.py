"""A training job as SageMaker describes it, in the words that the verbs need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from scripts.errors import Refused
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import DescribeTrainingJobResponseTypeDef

FINISHED: Final = frozenset({"Completed", "Failed", "Stopped"})


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """What is known of a training job (facts E.5)."""

    name: str
    arn: str
    status: str
    secondary_status: str
    status_message: str
    failure_reason: str | None
    image: str
    artifact_url: str | None
    hyperparameters: Mapping[str, str]
    manifests: Mapping[str, str]
    billable_seconds: int | None
    instance_type: str | None = None
    """None of a job on instance groups, which have several."""

    instance_count: int | None = None
    ended_at: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def dataset_id(self) -> str:
        """The id in the train manifest's key. Raises Refused for a job that we did not prepare."""
        manifest = self.manifests.get("train", "")
        parts = manifest.removeprefix("s3://").split("/")
        if len(parts) != 5 or parts[1] != "datasets":
            raise Refused(
                f"training job {self.name} did not train on a prepared dataset: its train channel "
                f"is {manifest or 'missing'}; train with `darkroom train`"
            )
        return parts[2]

    @property
    def dataset_bucket(self) -> str:
        """The bucket of the train manifest."""
        return self.manifests["train"].removeprefix("s3://").split("/")[0]


def find_training_job(session: Session, name: str) -> TrainingJob | None:
    """The job of that name, or None."""
    sagemaker: SageMakerClient = session.client("sagemaker")
    try:
        found = sagemaker.describe_training_job(TrainingJobName=name)
    except ClientError as error:
        if "not found" in str(error).lower() or "could not find" in str(error).lower():
            return None
        raise
    return _training_job(found)


def _training_job(found: "DescribeTrainingJobResponseTypeDef") -> TrainingJob:
    transitions = found.get("SecondaryStatusTransitions", [])
    resources = found.get("ResourceConfig", {})
    return TrainingJob(
        name=found["TrainingJobName"],
        arn=found["TrainingJobArn"],
        status=found["TrainingJobStatus"],
        secondary_status=found["SecondaryStatus"],
        status_message=transitions[-1].get("StatusMessage", "") if transitions else "",
        failure_reason=found.get("FailureReason"),
        image=found["AlgorithmSpecification"].get("TrainingImage", ""),
        artifact_url=found.get("ModelArtifacts", {}).get("S3ModelArtifacts"),
        hyperparameters=found.get("HyperParameters", {}),
        manifests={
            channel["ChannelName"]: channel["DataSource"].get("S3DataSource", {}).get("S3Uri", "")
            for channel in found.get("InputDataConfig", [])
        },
        billable_seconds=found.get("BillableTimeInSeconds"),
        instance_type=resources.get("InstanceType"),
        instance_count=resources.get("InstanceCount"),
        ended_at=found.get("TrainingEndTime"),
    )
