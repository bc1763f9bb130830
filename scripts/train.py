"""`darkroom train`: a SageMaker training job of the built-in algorithm, followed to its end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import ClientError

from algorithm.contract.hyperparameters import without_effect
from algorithm.contract.instances import check_training
from config.environments import environment
from config.errors import ConfigurationError
from config.settings import Settings
from config.training import TrainingSettings
from scripts import console, options
from scripts.aws_errors import code_of
from scripts.cdk import REPOSITORY
from scripts.datasets.stored import stored_dataset
from scripts.errors import Refused
from scripts.outputs import Outputs, stack_outputs
from scripts.session import Session, open_session
from scripts.training.follow import follow
from scripts.training.history import Epoch, TrainingHistory
from scripts.training.job import TrainingJob, find_training_job
from scripts.training.report import write_report
from scripts.training.request import (
    FROM_THE_DATASET,
    TrainingData,
    attempt_name,
    hyperparameters,
    image_of,
    job_name,
    training_request,
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A training job that could be started: its name and its whole request."""

    name: str
    request: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A completed job, its epochs and where its report is."""

    job: TrainingJob
    history: TrainingHistory
    best: Epoch
    plot: Path
    reused: bool

    def to_json(self) -> dict[str, object]:
        return {
            "training_job_name": self.job.name,
            "training_job_arn": self.job.arn,
            "validation_accuracy": self.best.validation_accuracy,
            "best_epoch": self.best.number,
            "epochs": len(self.history.epochs),
            "model_artifact": self.job.artifact_url,
            "plot": str(self.plot),
            "reused": self.reused,
        }


def plan(
    session: Session,
    outputs: Outputs,
    *,
    dataset_id: str | None,
    chosen: Mapping[str, str],
    resources: TrainingSettings,
) -> Plan:
    """The job that these choices mean; starts nothing.

    Raises Refused (no such dataset, stacks not deployed) and HyperparameterError.
    """
    settings = session.settings
    dataset = stored_dataset(session, outputs.datasets_bucket, dataset_id)
    data = TrainingData.of(dataset, outputs.datasets_bucket)
    request = training_request(
        settings=settings,
        data=data,
        resources=resources,
        hyper_parameters=hyperparameters(settings.training.hyperparameters, chosen, data),
        image=image_of(settings),
        role_arn=outputs.training_role_arn,
        output_bucket=outputs.artifacts_bucket,
    )
    return Plan(name=job_name(settings, data, request), request=request)


def train(session: Session, planned: Plan) -> Trained:
    """Start the planned job, or join the one that was started before, and follow it to its end.

    A job that failed or was stopped keeps its name, so a repeated command starts the next
    attempt under a numbered name. Raises Refused when the job does not complete.
    """
    name, existing = _attempt(session, planned.name)
    if existing is None and _start(session, name, planned.request):
        console.say(f"started training job {name}")
    elif existing is None:
        console.say(f"training job {name} was started by somebody else just now: joining it")
    else:
        console.say(f"training job {name} exists already ({existing.status}): no second one")
    job, history = _follow(session, name)
    if job.status != "Completed":
        raise Refused(
            f"training job {name} ended {job.status}: "
            f"{job.failure_reason or job.status_message or 'no reason given'}; mend the cause; "
            "the same command starts a new attempt"
        )
    best = history.best
    if best is None:
        raise Refused(
            f"training job {name} completed, but its log in /aws/sagemaker/TrainingJobs tells no "
            "validation accuracy; was another image used?"
        )
    plot = write_report(REPOSITORY / "runs" / name, job, history)
    return Trained(job=job, history=history, best=best, plot=plot, reused=existing is not None)


def _follow(session: Session, name: str) -> tuple[TrainingJob, TrainingHistory]:
    try:
        return follow(session, name)
    except KeyboardInterrupt:
        console.say(
            f"training job {name} goes on without being watched; the same command joins it, "
            f"`aws sagemaker stop-training-job --training-job-name {name}` ends it"
        )
        raise


def _attempt(session: Session, base: str) -> tuple[str, TrainingJob | None]:
    """The first attempt that is running, completed or not yet made."""
    number = 1
    while True:
        name = attempt_name(base, number)
        job = find_training_job(session, name)
        if job is None or job.status not in {"Failed", "Stopped"}:
            return name, job
        number += 1


def _start(session: Session, name: str, request: Mapping[str, Any]) -> bool:
    """Whether this call is the one that started the job."""
    # Imported here: the SDK takes two seconds to import, which `darkroom --help` must not cost.
    import logging

    logging.getLogger("sagemaker").setLevel(logging.WARNING)
    from sagemaker.core.resources import TrainingJob as SdkTrainingJob

    try:
        SdkTrainingJob.create(
            training_job_name=name, session=session.boto3, region=session.region, **request
        )
    except ClientError as error:
        if code_of(error) != "ResourceInUse":
            raise
        return False
    return True


def chosen_hyperparameters(pairs: tuple[str, ...]) -> dict[str, str]:
    """`name=value` words as a mapping. Raises Refused for a word without `=`."""
    chosen: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise Refused(f"--set {pair!r} is not NAME=VALUE, for example --set epochs=4")
        if name in FROM_THE_DATASET:
            raise Refused(f"--set {name} is a fact of the dataset, not a choice; leave it out")
        chosen[name] = value
    return chosen


def chosen_resources(settings: Settings, **chosen: Any) -> TrainingSettings:
    """The environment's resources with what the command line changes of them.

    Raises Refused for a value out of range, and InstanceTypeError for a type that the
    built-in algorithm does not train on: before anything is paid for.
    """
    given = {name: value for name, value in chosen.items() if value is not None}
    try:
        resources = replace(settings.training, **given)
    except ConfigurationError as error:
        what = str(error).rpartition("; ")[0]
        raise Refused(f"{what}; choose another value for the option") from error
    if settings.algorithm.uri is None:
        check_training(resources.instance_type)
    return resources


@click.command("train")
@options.environment
@click.option("--dataset", "dataset_id", help="Dataset id. [default: the only one there is]")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="A hyperparameter.")
@click.option("--instance-type", help="ML instance type, for example ml.g5.xlarge.")
@click.option("--instance-count", type=int, help="Instances that train together.")
@click.option("--volume-size-gb", type=int, help="Disk of each instance, in GB.")
@click.option("--max-runtime-seconds", type=int, help="The job is stopped after this long.")
@click.option("--dry-run", is_flag=True, help="Print the job's whole request and start nothing.")
@options.as_json
def command(
    environment_name: str,
    dataset_id: str | None,
    pairs: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    **resources: Any,
) -> None:
    """Train on a prepared dataset with SageMaker's built-in image-classification algorithm.

    Input, output and resource configuration come from the environment's settings and the
    options; hyperparameters from the settings and --set. --dry-run shows all of them. The same
    command again joins the job that it started, or shows the result of it.
    """
    settings = environment(environment_name)
    session = open_session(settings)
    session.check_account()
    planned = plan(
        session,
        stack_outputs(session),
        dataset_id=dataset_id,
        chosen=chosen_hyperparameters(pairs),
        resources=chosen_resources(settings, **resources),
    )
    if dry_run:
        click.echo(json.dumps({"training_job_name": planned.name, **planned.request}, indent=2))
        return
    for warning in without_effect(planned.request["hyper_parameters"]):
        console.say(warning)
    trained = train(session, planned)
    if as_json:
        click.echo(json.dumps(trained.to_json(), indent=2))
    else:
        _print(trained)
    console.next_step(f"darkroom release {trained.job.name} --env {environment_name}")


def _print(trained: Trained) -> None:
    console.table(
        ["epoch", "training", "validation", "seconds"],
        [
            [
                str(epoch.number),
                f"{epoch.train_accuracy:.4f}",
                f"{epoch.validation_accuracy:.4f}",
                f"{epoch.seconds:.1f}",
            ]
            for epoch in trained.history.epochs
        ],
    )
    best = trained.best
    click.echo(
        f"\nbest validation accuracy {best.validation_accuracy:.4f} in epoch {best.number}; "
        f"plot: {trained.plot}"
    )
