"""A training job's lines in CloudWatch Logs, and the accuracies that they tell."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from scripts.aws_errors import code_of
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

LOG_GROUP: Final = "/aws/sagemaker/TrainingJobs"  # facts A.9


@dataclass(kw_only=True)
class TrainingLog:
    """The log of one job, read from where the last reading stopped.

    Log streams appear some time after the job has started; until then there are no lines.
    """

    session: Session
    job_name: str
    _tokens: dict[str, str | None] = field(default_factory=dict)

    def new_lines(self) -> Iterator[str]:
        """Every line that was stored since the last call, oldest first.

        Of the first host only: with several, each would log the same epochs.
        """
        logs: CloudWatchLogsClient = self.session.client("logs")
        for stream in self._streams(logs):
            yield from self._new_lines_of(logs, stream)

    def _streams(self, logs: "CloudWatchLogsClient") -> list[str]:
        """The job's streams on its first host; a restart adds one, named by a later second."""
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=LOG_GROUP, logStreamNamePrefix=f"{self.job_name}/algo-1-"
        )
        try:
            return sorted(row["logStreamName"] for page in pages for row in page["logStreams"])
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return []
            raise

    def _new_lines_of(self, logs: "CloudWatchLogsClient", stream: str) -> Iterator[str]:
        token = self._tokens.get(stream)
        while True:
            page: dict[str, Any] = {"nextToken": token} if token is not None else {}
            answer = logs.get_log_events(
                logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True, **page
            )
            for event in answer["events"]:
                yield event["message"]
            if answer["nextForwardToken"] == token:  # CloudWatch's way to say: that was all
                break
            token = answer["nextForwardToken"]
        self._tokens[stream] = token
