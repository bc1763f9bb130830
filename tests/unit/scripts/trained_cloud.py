"""A cloud in which training jobs have ended: a stock emulator, with SageMaker's memory of them.

The emulator has no SageMaker; everything else that `darkroom release` asks is its own.
"""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import outputs
from config.environments import LOCAL
from dataset.description import Description, Inspection
from dataset.layout import Layout
from dataset.split import Split
from scripts.session import Session
from scripts.training.log import LOG_GROUP
from scripts.training.request import image_of
from tests.unit.scripts.answering import serving
from tests.unit.scripts.stock_cloud import session_to, stock_cloud

ARTIFACTS, DATASETS = "artifacts", "datasets"
CLASSES = ("cat", "dog", "fox")
DATASET = "0123456789abcdef"
_DESCRIBE = "SageMaker.DescribeTrainingJob"
_OF_ONE_HOP = {"connection", "transfer-encoding", "host", "server", "date", "content-length"}


class TrainedCloud:
    """What tests say and ask about it."""

    def __init__(self, session: Session, jobs: dict[str, Any], url: str) -> None:
        self.session, self._jobs, self.url = session, jobs, url

    def trains(self, name: str, artifact: bytes, accuracy: float) -> str:
        """A completed job of that accuracy that left this artifact; its name."""
        key = f"training/{name}/output/model.tar.gz"
        self.session.client("s3").put_object(Bucket=ARTIFACTS, Key=key, Body=artifact)
        # As a job that is told of in part: the accuracy in training is not.
        _log(self.session, name, f"Epoch[0] Validation-accuracy={accuracy:.6f}")
        manifest = f"s3://{DATASETS}/{Layout(DATASET).manifest(Split.TRAIN)}"
        self._jobs[name] = {
            "TrainingJobName": name,
            "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:{LOCAL.account}:training-job/{name}",
            "TrainingJobStatus": "Completed",
            "SecondaryStatus": "Completed",
            "AlgorithmSpecification": {"TrainingImage": image_of(LOCAL)},
            "ModelArtifacts": {"S3ModelArtifacts": f"s3://{ARTIFACTS}/{key}"},
            "HyperParameters": {
                "num_classes": str(len(CLASSES)),
                "num_training_samples": "100",
                "image_shape": "3,32,32",
                "epochs": "1",
            },
            "InputDataConfig": [
                {
                    "ChannelName": "train",
                    "DataSource": {"S3DataSource": {"S3Uri": manifest}},
                }
            ],
        }
        return name

    def kept(self) -> dict[str, str]:
        """Key and ETag of every artifact that was kept for a release."""
        found = self.session.client("s3").list_objects_v2(Bucket=ARTIFACTS, Prefix="models/")
        return {row["Key"]: row["ETag"] for row in found.get("Contents", [])}


@contextmanager
def trained_cloud(directory: Path) -> Iterator[TrainedCloud]:
    """A cloud with the buckets of environment `local` and a dataset, as long as the block lasts."""
    jobs: dict[str, Any] = {}
    with stock_cloud(directory) as stock, _remembering(jobs, stock) as url:
        session = session_to(stock)
        s3 = session.client("s3")
        for bucket in (ARTIFACTS, DATASETS):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=DATASETS, Key=Layout(DATASET).description, Body=_description())
        _deploy_outputs(session)
        session.client("logs").create_log_group(logGroupName=LOG_GROUP)
        yield TrainedCloud(session, jobs, url)


@contextmanager
def _remembering(jobs: Mapping[str, Any], stock: str) -> Iterator[str]:
    """The URL of a server that describes `jobs`, and passes everything else on to `stock`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("X-Amz-Target") == _DESCRIBE:
                self._describe(json.loads(content)["TrainingJobName"])
                return
            connection = http.client.HTTPConnection(urlsplit(stock).netloc, timeout=60)
            try:
                kept = {n: v for n, v in self.headers.items() if n.lower() not in _OF_ONE_HOP}
                connection.request(self.command, self.path, content, kept)
                with connection.getresponse() as found:
                    body = found.read()
                    length = found.getheader("Content-Length") or str(len(body))
                    self._answer(found.status, found.getheaders(), body, length)
            finally:
                connection.close()

        do_GET = do_HEAD = do_PUT = do_POST = handle_any  # noqa: N815 - the server's own names

        def _describe(self, name: str) -> None:
            if name in jobs:
                status, answer = 200, jobs[name]
            else:
                status = 400
                answer = {
                    "__type": "ValidationException",
                    "message": "Requested resource not found.",
                }
            body = json.dumps(answer).encode()
            headers = [("Content-Type", "application/x-amz-json-1.1")]
            self._answer(status, headers, body, str(len(body)))

        def _answer(
            self, status: int, headers: list[tuple[str, str]], body: bytes, length: str
        ) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in _OF_ONE_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as url:
        yield url


def _description() -> bytes:
    counts = dict.fromkeys(CLASSES, 40)
    return Description(
        id=DATASET,
        digest=DATASET * 4,
        classes=CLASSES,
        counts={split.value: counts for split in Split},
        inspection=Inspection(
            files=240, accepted=240, accepted_bytes=1, duplicates=0, rejected={}, verified=False
        ),
        source={"kind": "folder", "name": "photos"},
        validation_fraction=0.5,
        seed=0,
        grouping=None,
    ).to_json()


def _deploy_outputs(session: Session) -> None:
    cloudformation = session.client("cloudformation")
    name = outputs.stack_name(LOCAL.app, LOCAL.name, "Data")
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {outputs.ARTIFACTS_BUCKET: {"Value": ARTIFACTS}},
    }
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1})


def _log(session: Session, job: str, line: str) -> None:
    logs, stream = session.client("logs"), f"{job}/algo-1-1"
    logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)
    logs.put_log_events(
        logGroupName=LOG_GROUP,
        logStreamName=stream,
        logEvents=[{"timestamp": 1_800_000_000_000, "message": line}],
    )
