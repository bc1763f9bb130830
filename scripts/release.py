"""`darkroom release`: a finished training job becomes the model in a release file."""

import click

from algorithm.contract.hyperparameters import parse
from config.environments import environment
from config.release import Release, ReleasedModel, check_fit, read_release, release_file
from config.roles import CHAMPION, ROLES, SHADOW
from config.traffic import Shadow
from scripts import console, options
from scripts.artifact import keep
from scripts.cdk import REPOSITORY
from scripts.datasets.stored import stored_dataset
from scripts.errors import Refused
from scripts.outputs import stack_outputs
from scripts.serving.roles import Change, check_role, promote, remove, written
from scripts.serving.shares import LARGEST_WEIGHT, shares_in_words
from scripts.session import Session, open_session
from scripts.training.follow import training_history
from scripts.training.job import TrainingJob, find_training_job
from scripts.training.request import image_of


def release(
    environment_name: str, training_job_name: str, role: str = CHAMPION, weight: float | None = None
) -> Change:
    """Put the job's model into a role of the environment's release file.

    The artifact is read whole: its digest and format are what was found, not what was claimed.
    Raises Refused for a job that is unknown, unfinished or failed, or whose artifact is missing,
    and ConfigurationError for a role that the traffic plan does not know or a model that does not
    go with the others; the release file is then as it was.
    """
    settings = environment(environment_name)
    before = read_release(settings.name)
    check_role(settings, before, role)
    session = open_session(settings)
    session.check_account()
    model = _released_model(session, _completed_job(session, training_job_name))
    check_fit(model, settings.name, settings.algorithm, image_of(settings))
    if before is None:
        after = Release(environment=settings.name, models={role: model}, weights={role: 1.0})
    else:
        after = before.with_model(role, model, weight)
    return written(settings, before, after)


def _completed_job(session: Session, name: str) -> TrainingJob:
    job = find_training_job(session, name)
    environment_name = session.settings.name
    if job is None:
        raise Refused(
            f"training job {name} does not exist in environment {environment_name}; "
            f"`darkroom train --env {environment_name}` prints the name of the one it ran"
        )
    if not job.finished:
        raise Refused(
            f"training job {name} is still {job.status} ({job.secondary_status}); follow it with "
            f"`darkroom train --env {environment_name}`, then release it"
        )
    if job.status != "Completed":
        raise Refused(
            f"training job {name} ended {job.status}: "
            f"{job.failure_reason or job.status_message or 'no reason given'}; "
            "train again and release that job"
        )
    return job


def _released_model(session: Session, job: TrainingJob) -> ReleasedModel:
    dataset_id = job.dataset_id
    best = training_history(session, job).best
    if best is None:
        raise Refused(
            f"the log of training job {job.name} in /aws/sagemaker/TrainingJobs tells no "
            "validation accuracy, and a model without one is not released; train again"
        )
    dataset = stored_dataset(session, job.dataset_bucket, dataset_id)
    artifact = keep(session, job.artifact_url or "", stack_outputs(session).artifacts_bucket)
    return ReleasedModel(
        training_job_name=job.name,
        training_job_arn=job.arn,
        image=job.image,
        model_data_url=artifact.url,
        artifact_sha256=artifact.sha256,
        artifact_size_bytes=artifact.size_bytes,
        artifact_format=artifact.format,
        class_names=dataset.classes,
        image_shape=str(parse(job.hyperparameters).image_shape),
        dataset_id=dataset.id,
        hyperparameters=dict(job.hyperparameters),
        metrics={
            "validation_accuracy": best.validation_accuracy,
            "train_accuracy": best.train_accuracy,
            "best_epoch": best.number,
        },
    )


@click.command("release")
@click.argument("training_job_name", metavar="[JOB]", required=False)
@options.environment
@click.option(
    "--role",
    type=click.Choice(ROLES),
    metavar="ROLE",
    help="champion, challenger, challenger2 to challenger9, or shadow. [default: champion]",
)
@click.option(
    "--weight",
    type=click.FloatRange(0, LARGEST_WEIGHT),
    help="A challenger's weight in the traffic. [default: as it was; 0 for a new challenger]",
)
@click.option("--remove", "removed", metavar="ROLE", help="Take this role's model out.")
@click.option("--promote", "promoted", metavar="ROLE", help="Make this role's model the champion.")
@options.as_json
def command(
    training_job_name: str | None,
    environment_name: str,
    role: str | None,
    weight: float | None,
    removed: str | None,
    promoted: str | None,
    as_json: bool,
) -> None:
    """Put the model of training job JOB into a role of the environment's release.

    Writes config/releases/<env>.json; for dev and prod, commit it: the release is its diff.
    """
    if [training_job_name, removed, promoted].count(None) != 2:
        raise click.UsageError("name one of JOB, --remove ROLE and --promote ROLE")
    if training_job_name is None and (role is not None or weight is not None):
        raise click.UsageError("--role and --weight go with a JOB")
    if weight is not None and role in (None, CHAMPION, SHADOW):
        raise click.UsageError(
            "--weight is a challenger's; change the others' with `darkroom split`"
        )
    if training_job_name is not None:
        role = role or CHAMPION
        change = release(environment_name, training_job_name, role, weight)
    elif promoted is not None:
        role, change = CHAMPION, promote(environment_name, promoted)
    else:
        role, change = str(removed), remove(environment_name, str(removed))
    console.result(_rows(environment_name, change, role), as_json=as_json)
    _say_traffic(environment_name, change, role)
    console.next_step(f"darkroom deploy --env {environment_name}")


def _rows(environment_name: str, change: Change, role: str) -> dict[str, object]:
    model = change.after.models.get(role)
    previous = change.before.models.get(role) if change.before else None
    rows: dict[str, object] = {
        "release_file": str(release_file(environment_name).resolve().relative_to(REPOSITORY)),
        role: model.training_job_name if model else "-",
        "validation_accuracy": model.metrics["validation_accuracy"] if model else "-",
        "replaces": previous.training_job_name if previous else "-",
        "its_validation_accuracy": previous.metrics["validation_accuracy"] if previous else "-",
    }
    if model is not None:
        rows |= {"model_data": model.model_data_url, "artifact_format": model.artifact_format}
    return rows | {"traffic": shares_in_words(change.after), "changed": not change.unchanged}


def _say_traffic(environment_name: str, change: Change, role: str) -> None:
    plan = environment(environment_name).traffic
    if role == SHADOW and role in change.after.models and isinstance(plan, Shadow):
        console.say(
            f"the shadow will get a copy of {plan.sampled_percent:g} % of the requests; after the "
            f"deploy compare it with `darkroom shadow --env {environment_name}`"
        )
    if role in change.after.models and change.after.weights.get(role) == 0:
        names = [each for each in ROLES if each in change.after.weights]
        example = " ".join(f"{each}=W" for each in names)
        console.say(
            f"the {role} gets no traffic yet (weight 0); give it some with "
            f"`darkroom split {example} --env {environment_name}`, or ask it alone with "
            f"`darkroom invoke FILE --variant {role} --env {environment_name}`"
        )
