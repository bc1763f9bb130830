"""ModelError: what a container said, or that it said nothing, as callers see it (C.3)."""

from local.sagemaker.errors import ApiError
from local.sagemaker.exchange import TimedOut
from local.sagemaker.records import Endpoint

CLIENT_ERRORS = range(400, 500)
NO_STATUS = 0
TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)
CONNECTION_LOST = "The model server closed the connection without an answer."


def model_error(endpoint: Endpoint, status: int, said: str) -> ApiError:
    """The container answered `status` and `said`; 0 where it did not answer."""
    logs = f"arn:aws:logs:{endpoint.region}:{endpoint.account}:log-group"
    group = f"/aws/sagemaker/Endpoints/{endpoint.name}"
    console = f"https://{endpoint.region}.console.aws.amazon.com/cloudwatch/home"
    blamed = "client" if status in CLIENT_ERRORS else "server"
    return ApiError(
        "ModelError",
        f'Received {blamed} error ({status}) from primary with message "{said}". See '
        f"{console}?region={endpoint.region}#logEventViewer:group={group} in account "
        f"{endpoint.account} for more information.",
        424,
        {
            "OriginalStatusCode": status,
            "OriginalMessage": said,
            "LogStreamArn": f"{logs}:{group}",
        },
    )


def unanswered(endpoint: Endpoint, error: Exception, *, lost: bool) -> ApiError:
    """No answer came: the time was over, the connection was lost, or the container never ran."""
    if isinstance(error, TimedOut):
        return model_error(endpoint, NO_STATUS, TIMED_OUT)
    return model_error(endpoint, NO_STATUS, CONNECTION_LOST if lost else str(error))
