"""Training jobs while they run: one agent each, its events turned into statuses (facts E.5)."""

import logging
import threading

from local.instance.assignment import (
    Channel,
    ContainerImage,
    MetricDefinition,
    TrainingAssignment,
)
from local.instance.ending import Ending
from local.instance.wire import decode, encode
from local.sagemaker import events
from local.sagemaker.agent import Agent, Event
from local.sagemaker.platform import Platform
from local.sagemaker.ports import RoleNotAssumable
from local.sagemaker.records import TrainingJob, Transition
from local.sagemaker.store import Store

ENDED = ("Completed", "Failed", "Stopped")
DEFAULT_MAX_RUNTIME_SECONDS = 86_400
LONGEST_REASON = 1024
LOST = (
    "InternalServerError: the local cloud stopped while this job was running. Start the job again "
    "under a new name, or delete this one first."
)
INSTANCE_LOST = (
    "InternalServerError: the process that ran this job was lost. Start the job again under a new "
    "name, or delete this one first."
)
_log = logging.getLogger(__name__)
_MESSAGES = {
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds",
}


class TrainingRuns:
    """The agents of the jobs that run."""

    def __init__(self, store: Store, platform: Platform) -> None:
        self._store = store
        self._platform = platform
        self._agents: dict[str, Agent] = {}

    def start(self, job: TrainingJob, channels: tuple[Channel, ...]) -> None:
        """Run a job in the background; returns at once."""
        with self._store.lock:
            self._enter(job, "Starting", "Starting the training job")
        threading.Thread(
            target=self._launch_or_fail,
            args=(job, channels),
            name=f"launch-{job.name}",
            daemon=True,
        ).start()

    def stop(self, job: TrainingJob) -> None:
        """Ask a job to end; one that has no agent yet gets none."""
        with self._store.lock:
            if job.status != "Stopping":
                job.status = "Stopping"
                self._enter(job, "Stopping")
            agent = self._agents.get(job.arn)
        if agent is not None:
            agent.stop()

    def fail_interrupted(self) -> None:
        """After a restart: what was running is not any more."""
        with self._store.lock:
            for job in self._store.training_jobs:
                if job.status not in ENDED:
                    self._end(job, Ending(outcome="Failed", reason=LOST))

    def shutdown(self) -> None:
        """End every job's processes at once."""
        with self._store.lock:
            agents = list(self._agents.values())
        for agent in agents:
            agent.kill()
        for agent in agents:
            agent.wait(self._platform.timings.shutdown_seconds)

    def _launch_or_fail(self, job: TrainingJob, channels: tuple[Channel, ...]) -> None:
        """Nobody sees what a thread raises: whatever it is, the job must not wait for ever."""
        try:
            self._launch(job, channels)
        except Exception as error:  # noqa: BLE001 - the docstring says why
            _log.exception("training job %s could not be started", job.name)
            said = " ".join(str(error).split()) or type(error).__name__
            self._fail(job, f"InternalServerError: the instance could not be started: {said}")

    def _launch(self, job: TrainingJob, channels: tuple[Channel, ...]) -> None:
        image_uri = job.request["AlgorithmSpecification"]["TrainingImage"]
        image = self._platform.images.get(image_uri)
        role_arn = job.request["RoleArn"]
        if image is None:
            self._fail(
                job,
                f"ClientError: Cannot find the image {image_uri}. The images of the local cloud "
                f"are: {self._platform.images.known()}",
            )
            return
        try:
            assignment = self._assignment(job, channels, image)
        except RoleNotAssumable as error:
            self._fail(
                job, f"ClientError: SageMaker was unable to assume the role '{role_arn}'. {error}"
            )
            return
        with self._store.lock:
            if job.status in ENDED or not self._is_kept(job):
                return
            if job.status == "Stopping":
                self._end(job, Ending(outcome="Stopped"))
                return
            job.training_start = self._platform.clock()
            self._enter(job, "Starting", "Preparing the instances for training")
            self._start_agent(job, assignment)

    def _start_agent(self, job: TrainingJob, assignment: TrainingAssignment) -> None:
        def lost() -> None:
            with self._store.lock:  # held until the agent has been noted
                self._lost(job, agent)

        agent = Agent(assignment, on_event=lambda event: self._heard(job, event), on_end=lost)
        self._agents[job.arn] = agent

    def _is_kept(self, job: TrainingJob) -> bool:
        """Whether the store still has this very job: a reset forgets it while it is launched."""
        return self._store.training_jobs.find(job.scope, job.name) is job

    def _assignment(
        self, job: TrainingJob, channels: tuple[Channel, ...], image: ContainerImage
    ) -> TrainingAssignment:
        request = job.request
        definitions = tuple(
            MetricDefinition(name=each["Name"], regex=each["Regex"])
            for each in job.metric_definitions
        )
        return TrainingAssignment(
            job_name=job.name,
            job_arn=job.arn,
            instance_type=request["ResourceConfig"]["InstanceType"],
            directory=self._platform.directory(job.name),
            log_stream=f"{job.name}/algo-1-{int(self._platform.clock())}",
            session=self._platform.session(job.scope, request["RoleArn"], job.name),
            container=ContainerImage(command=image.command, metric_definitions=definitions),
            environment=request.get("Environment", {}),
            hyperparameters=request.get("HyperParameters", {}),
            channels=channels,
            output_path=request["OutputDataConfig"]["S3OutputPath"],
            output_kms_key_id=request["OutputDataConfig"].get("KmsKeyId") or None,
            max_runtime_seconds=request.get("StoppingCondition", {}).get(
                "MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME_SECONDS
            ),
            stop_grace_seconds=self._platform.timings.training_stop_grace_seconds,
        )

    def _heard(self, job: TrainingJob, event: Event) -> None:
        with self._store.lock:
            if event["event"] == "stage" and job.status == "InProgress":
                self._enter(job, event["stage"])
            elif event["event"] == "finished":
                self._end(job, decode(Ending, event["ending"]))

    def _lost(self, job: TrainingJob, agent: Agent) -> None:
        """A job of the same name may have an agent of its own by now."""
        if self._agents.get(job.arn) is agent:
            del self._agents[job.arn]
        self._end(job, Ending(outcome="Failed", reason=INSTANCE_LOST))

    def _fail(self, job: TrainingJob, reason: str) -> None:
        with self._store.lock:
            self._end(job, Ending(outcome="Failed", reason=reason))

    def _end(self, job: TrainingJob, ending: Ending) -> None:
        """Once only: an agent that finished also ends."""
        if job.status in ENDED:
            return
        job.status = "Stopped" if ending.outcome == "MaxRuntimeExceeded" else ending.outcome
        job.failure_reason = ending.reason[:LONGEST_REASON] if ending.reason else None
        job.artifact = ending.artifact
        job.final_metrics = [encode(each) for each in ending.metrics]
        if job.training_start is not None:
            job.training_end = self._platform.clock()
        self._enter(job, ending.outcome)
        job.transitions[-1].end = job.modified

    def _enter(self, job: TrainingJob, status: str, message: str | None = None) -> None:
        """Move to a secondary status, or say something new about the present one."""
        now = self._platform.clock()
        text = _MESSAGES[status] if message is None else message
        if job.transitions and job.transitions[-1].status == status:
            job.transitions[-1].message = text
        else:
            if job.transitions:
                job.transitions[-1].end = now
            job.transitions.append(Transition(status=status, message=text, start=now))
        job.secondary_status = status
        job.modified = now
        self._store.changed()
        events.training_job_changed(self._platform.cloud, job)
