"""A training job on an instance: download, train, upload, and say how it ended (facts E.5, B.1)."""

import queue
import threading
import time
from pathlib import Path

from local.instance.archive import pack
from local.instance.assignment import TrainingAssignment
from local.instance.channels import Feed, InputUnavailable
from local.instance.console import Console
from local.instance.container import Container, container_environment
from local.instance.control import ControlLine, Exited, FeedFailed, Message, StopOrder
from local.instance.ending import Ending, FinalMetric
from local.instance.log_stream import LogStream
from local.instance.metrics import MetricStream, PrintedMetrics
from local.instance.opt_ml import FAILURE_REASON_CHARACTERS, OptMl
from local.instance.s3 import S3, ObjectUnavailable, ObjectUri
from local.instance.signed_http import SignedHttp

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
METRIC_NAMESPACE = "/aws/sagemaker/TrainingJobs"
PREFIXES = ("ClientError", "AlgorithmError", "InternalServerError", "Customer Error")


class TrainingRun:
    """One job, from its assignment to its ending."""

    def __init__(self, job: TrainingAssignment, control: ControlLine) -> None:
        directory = Path(job.directory)
        http = SignedHttp(job.session)
        self._job = job
        self._control = control
        self._opt_ml = OptMl(directory)
        self._archive = directory / "archive.tar.gz"
        self._s3 = S3(http)
        self._feed = Feed(self._s3, self._opt_ml.data, directory / "spool", self._feed_failed)
        self._logs = LogStream(http, LOG_GROUP, job.log_stream, control.warn)
        self._metrics = PrintedMetrics(
            job.container.metric_definitions,
            {"TrainingJobName": job.job_name},
            MetricStream(http, METRIC_NAMESPACE, control.warn),
        )
        self._container: Container | None = None

    def run(self) -> Ending:
        """Blocks until the job has ended."""
        self._control.watch(self._abandoned)
        self._control.report("stage", stage="Downloading")
        try:
            self._opt_ml.make()
            self._opt_ml.write_training_configuration(self._job)
            self._feed.prepare(self._job.channels, self._control.stop_requested)
        except (InputUnavailable, OSError) as error:
            return Ending(outcome="Failed", reason=f"ClientError: Data download failed: {error}")
        if self._control.stop_requested.is_set():
            return Ending(outcome="Stopped")
        self._control.report("stage", stage="Training")
        ending = self._train()
        self._control.report("stage", stage="Uploading")
        return self._upload(ending)

    def _train(self) -> Ending:
        job = self._job
        environment = container_environment(job.session, job.environment) | {
            "TRAINING_JOB_NAME": job.job_name,
            "TRAINING_JOB_ARN": job.job_arn,
            "SAGEMAKER_BASE_DIR": str(self._opt_ml.base),
        }
        self._feed.start()
        try:
            container = Container((*job.container.command, "train"), environment)
        except OSError as error:
            self._feed.end()
            return Ending(
                outcome="Failed", reason=f"AlgorithmError: the image did not start: {error}"
            )
        self._container = container
        self._control.report("container", pid=container.pid)
        console = Console(container.console, (self._logs, self._metrics))
        console.start()
        threading.Thread(target=self._await_exit, args=(container,), daemon=True).start()
        ending = self._follow(container)
        self._control.report("container_ended")
        self._feed.end()
        console.drain()
        return ending

    def _follow(self, container: Container) -> Ending:
        """Wait for the exit, which the cloud, the clock or a failed download may bring about."""
        decided: Ending | None = None
        deadline = time.monotonic() + self._job.max_runtime_seconds
        while True:
            match self._next_message(deadline):
                case Exited(code):
                    return decided or self._ending_of(code)
                case FeedFailed(reason):
                    decided = Ending(outcome="Failed", reason=reason)
                    container.kill()
                case None if decided is not None:  # its grace is over
                    container.kill()
                    deadline = time.monotonic() + self._job.stop_grace_seconds
                case (StopOrder() | None) as message if decided is None:
                    outcome = "Stopped" if message else "MaxRuntimeExceeded"
                    decided = Ending(outcome=outcome)
                    deadline = time.monotonic() + self._job.stop_grace_seconds
                    container.terminate()

    def _next_message(self, deadline: float) -> Message | None:
        try:
            return self._control.inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def _ending_of(self, code: int) -> Ending:
        if code == 0:
            return Ending(outcome="Completed")
        said = self._opt_ml.failure_text()
        if said is None:
            reason = f"AlgorithmError: the container wrote no output/failure, exit code: {code}"
        else:
            reason = said if said.startswith(PREFIXES) else f"AlgorithmError: {said}"
        return Ending(outcome="Failed", reason=reason[:FAILURE_REASON_CHARACTERS])

    def _upload(self, ending: Ending) -> Ending:
        output = ObjectUri.parse(self._job.output_path).child(f"{self._job.job_name}/output")
        outcome, reason, artifact = ending.outcome, ending.reason, None
        try:
            if outcome == "Completed" or (outcome != "Failed" and _holds(self._opt_ml.model)):
                artifact = self._store(self._opt_ml.model, output.child("model.tar.gz"))
            if _holds(self._opt_ml.output_data):
                self._store(self._opt_ml.output_data, output.child("output.tar.gz"))
        except (ObjectUnavailable, OSError) as error:
            if outcome != "Failed":  # a job that failed already keeps its own reason
                outcome, reason = "Failed", f"ClientError: Artifact upload failed: {error}"
        metrics = tuple(
            FinalMetric(name=name, value=value, when=when)
            for name, (value, when) in list(self._metrics.last.items())
        )
        return Ending(outcome=outcome, reason=reason, artifact=artifact, metrics=metrics)

    def _store(self, directory: Path, uri: ObjectUri) -> str:
        pack(directory, self._archive)
        self._s3.upload(self._archive, uri, kms_key_id=self._job.output_kms_key_id)
        return str(uri)

    def _await_exit(self, container: Container) -> None:
        self._control.inbox.put(Exited(container.wait()))

    def _feed_failed(self, reason: str) -> None:
        self._control.inbox.put(FeedFailed(f"ClientError: Data download failed: {reason}"))

    def _abandoned(self) -> None:
        if self._container is not None:
            self._container.kill()


def _holds(directory: Path) -> bool:
    """Whether there is anything in it; a container may have removed it."""
    return directory.is_dir() and any(directory.iterdir())
