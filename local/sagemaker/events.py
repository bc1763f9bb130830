"""What SageMaker tells EventBridge of its endpoints and training jobs (facts sheet F.3)."""

import re
from typing import Any

from local.sagemaker.endpoint_description import pending_variants, variant_summaries
from local.sagemaker.ports import Cloud
from local.sagemaker.records import Endpoint, TrainingJob

ENDPOINT_STATE = "SageMaker Endpoint State Change"
DEPLOYMENT_STATE = "SageMaker Endpoint Deployment State Change"
TRAINING_JOB_STATE = "SageMaker Training Job State Change"
_OF_THE_JOB = (
    "HyperParameters",
    "AlgorithmSpecification",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
)


def endpoint_changed(cloud: Cloud, endpoint: Endpoint) -> None:
    """The endpoint has another EndpointStatus."""
    cloud.emit(endpoint.scope, ENDPOINT_STATE, [endpoint.arn], _endpoint(endpoint))


def deployment_changed(cloud: Cloud, endpoint: Endpoint) -> None:
    """The endpoint's update is in another phase."""
    detail = _endpoint(endpoint)
    if endpoint.pending is not None:
        detail["PendingDeploymentSummary"] = _wire(
            {
                "EndpointConfigName": endpoint.pending.config_name,
                "ProductionVariants": pending_variants(endpoint.pending),
                "StartTime": endpoint.pending.started,
            }
        )
    cloud.emit(endpoint.scope, DEPLOYMENT_STATE, [endpoint.arn], detail)


def training_job_changed(cloud: Cloud, job: TrainingJob) -> None:
    """The job has another status or secondary status."""
    detail: dict[str, Any] = {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.secondary_status,
        "FailureReason": job.failure_reason,
        **{member: job.request.get(member) for member in _OF_THE_JOB},
        "CreationTime": _milliseconds(job.created),
        "TrainingStartTime": _milliseconds(job.training_start),
        "TrainingEndTime": _milliseconds(job.training_end),
        "LastModifiedTime": _milliseconds(job.modified),
        "SecondaryStatusTransitions": [
            {
                "Status": each.status,
                "StatusMessage": each.message,
                "StartTime": _milliseconds(each.start),
                "EndTime": _milliseconds(each.end),
            }
            for each in job.transitions
        ],
        "Tags": job.tags,
    }
    cloud.emit(job.scope, TRAINING_JOB_STATE, [job.arn], _wire(detail))


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    shown = endpoint.current or endpoint.pending
    detail: dict[str, Any] = _wire(
        {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": shown.config_name if shown else None,
            "ProductionVariants": variant_summaries(endpoint.current) if endpoint.current else None,
            # Not as the API spells it: IN_SERVICE.
            "EndpointStatus": re.sub(r"(?<!^)(?=[A-Z])", "_", endpoint.status).upper(),
            "FailureReason": endpoint.failure_reason,
            "CreationTime": round(endpoint.created * 1000),
            "LastModifiedTime": round(endpoint.modified * 1000),
            "Tags": endpoint.tags,
        }
    )
    return detail


def _wire(value: Any) -> Any:
    """JSON without absent members, with times of summaries in milliseconds."""
    if isinstance(value, dict):
        return {
            name: round(member * 1000)
            if isinstance(member, float) and name.endswith("Time")
            else _wire(member)
            for name, member in value.items()
            if member is not None
        }
    if isinstance(value, list | tuple):
        return [_wire(each) for each in value]
    return value


def _milliseconds(when: float | None) -> str | None:
    return None if when is None else str(round(when * 1000))
