"""Training jobs: Create, Describe, List, Stop, DeleteTrainingJob."""

import math
from typing import Any

from local.sagemaker import tags, training_rules
from local.sagemaker.errors import ApiError, invalid
from local.sagemaker.listing import Listing
from local.sagemaker.platform import Platform
from local.sagemaker.ports import Scope
from local.sagemaker.records import TrainingJob
from local.sagemaker.refusals import refuse
from local.sagemaker.store import Store
from local.sagemaker.training_runs import ENDED, TrainingRuns

LISTING = Listing[TrainingJob](
    member="TrainingJobSummaries",
    status=lambda job: job.status,
    default_order="Ascending",
    summary=lambda job: {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": job.created,
        "TrainingEndTime": job.training_end,
        "LastModifiedTime": job.modified,
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.secondary_status,
    },
)

UNSUPPORTED_FILTERS = ("WarmPoolStatusEquals", "TrainingPlanArnEquals")
"""What ListTrainingJobs refuses."""


class TrainingJobs:
    """The training job operations."""

    def __init__(self, store: Store, platform: Platform, runs: TrainingRuns) -> None:
        self._store = store
        self._platform = platform
        self._runs = runs

    def create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        training_rules.check(request)
        channels = training_rules.channels(request)
        definitions = self._metric_definitions(request["AlgorithmSpecification"])
        now = self._platform.clock()
        job = TrainingJob(
            account=scope.account,
            region=scope.region,
            name=request["TrainingJobName"],
            created=now,
            modified=now,
            request={key: value for key, value in request.items() if key != "Tags"},
            tags=tags.read(request.get("Tags")),
            status="InProgress",
            secondary_status="Starting",
            metric_definitions=definitions,
        )
        with self._store.lock:
            if self._store.training_jobs.find(scope, job.name) is not None:
                raise ApiError(
                    "ResourceInUse",
                    "Training job names must be unique within an AWS account and region, and a "
                    f"training job with this name already exists ({job.arn})",
                )
            self._store.training_jobs.add(job)
            self._store.changed()
        self._runs.start(job, channels)
        return {"TrainingJobArn": job.arn}

    def describe(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            return _description(self._get(scope, request))

    def page(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        refuse(request, "ListTrainingJobs", *UNSUPPORTED_FILTERS)
        with self._store.lock:
            return LISTING.page(self._store.training_jobs.of(scope), request)

    def stop(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            job = self._get(scope, request)
            if job.status in ENDED:
                raise invalid(
                    f"The request was rejected because the training job is in status {job.status}."
                )
            self._runs.stop(job)
        return {}

    def delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            job = self._get(scope, request)
            if job.status not in ENDED:
                raise ApiError(
                    "ResourceInUse",
                    f"The training job {job.name} is in status {job.status}; stop it first.",
                )
            self._store.training_jobs.remove(job)
            self._store.changed()
        return {}

    def _get(self, scope: Scope, request: dict[str, Any]) -> TrainingJob:
        job = self._store.training_jobs.find(scope, request["TrainingJobName"])
        if job is None:
            raise ApiError("ResourceNotFound", "Requested resource not found.")
        return job

    def _metric_definitions(self, specification: dict[str, Any]) -> list[dict[str, str]]:
        """The image's own, or those of the request where the image has none (A.8)."""
        image = self._platform.images.get(specification["TrainingImage"])
        own = image.metric_definitions if image else ()
        given: list[dict[str, str]] = specification.get("MetricDefinitions") or []
        if own and given:
            raise invalid(
                "You can't override the metric definitions for Amazon SageMaker algorithms. Please "
                "retry the request without specifying metric definitions."
            )
        return given or [{"Name": each.name, "Regex": each.regex} for each in own]


def _description(job: TrainingJob) -> dict[str, Any]:
    seconds = None
    if job.training_start is not None and job.training_end is not None:
        seconds = math.ceil(job.training_end - job.training_start)
    return {
        **job.request,
        "TrainingJobArn": job.arn,
        "AlgorithmSpecification": {
            **job.request["AlgorithmSpecification"],
            "MetricDefinitions": job.metric_definitions,
        },
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": bool(
            job.request.get("EnableInterContainerTrafficEncryption")
        ),
        "EnableManagedSpotTraining": False,
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.secondary_status,
        "FailureReason": job.failure_reason,
        "CreationTime": job.created,
        "LastModifiedTime": job.modified,
        "TrainingStartTime": job.training_start,
        "TrainingEndTime": job.training_end,
        "TrainingTimeInSeconds": seconds,
        "BillableTimeInSeconds": seconds,
        "ModelArtifacts": {"S3ModelArtifacts": job.artifact} if job.artifact else None,
        "FinalMetricDataList": [
            {"MetricName": each["name"], "Value": each["value"], "Timestamp": each["when"]}
            for each in job.final_metrics
        ],
        "SecondaryStatusTransitions": [
            {
                "Status": each.status,
                "StartTime": each.start,
                "EndTime": each.end,
                "StatusMessage": each.message,
            }
            for each in job.transitions
        ],
    }
