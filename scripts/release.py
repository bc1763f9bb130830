"""`darkroom release`: a finished training job becomes the model in a release file."""

from dataclasses import dataclass, replace

import click

from config.environments import environment
from config.release import Release, ReleasedModel, check_fit, read_release, release_file
from config.roles import CHAMPION, ROLES, SHADOW
from config.settings import Settings
from config.traffic import Shadow
from scripts import console, options
from scripts.artifact import fetched, store
from scripts.cdk import REPOSITORY
from scripts.gates import screen
from scripts.gates.candidate import Candidate, as_recorded
from scripts.gates.judgement import Judgement, RefusedByGates, judge
from scripts.outputs import stack_outputs
from scripts.serving.roles import Change, check_role, existing_release, promoted, remove, written
from scripts.serving.shares import LARGEST_WEIGHT, shares_in_words
from scripts.session import Session, open_session
from scripts.training.request import image_of
from scripts.training.trained import completed_job, trained_model


@dataclass(frozen=True, kw_only=True)
class Released:
    """What became of the release file, and what the gates found before."""

    change: Change
    judgement: Judgement | None = None
    """None where no model came to a role."""


def release(
    environment_name: str,
    training_job_name: str,
    role: str = CHAMPION,
    weight: float | None = None,
    override_reason: str | None = None,
) -> Released:
    """Put the job's model into a role of the environment's release file, if its gates let it.

    The artifact is read whole: its digest and format are what was found, not what was claimed.
    Raises RefusedByGates; Refused for a job that is unknown, unfinished or failed, or whose
    artifact is missing; and ConfigurationError for a role that the traffic plan does not know or
    a model that does not go with the others. Nothing is copied and no file is written then.
    """
    settings = environment(environment_name)
    before = read_release(settings.name)
    check_role(settings, before, role)
    session = open_session(settings)
    session.check_account()
    job = completed_job(session, training_job_name)
    bucket = stack_outputs(session).artifacts_bucket
    with fetched(session, job.artifact_url or "") as artifact:
        model = as_recorded(trained_model(session, job, artifact, bucket), role, before)
        check_fit(model, settings.name, settings.algorithm, image_of(settings))
        after = _with_model(settings, before, role, model, weight)
        judgement = judge(
            Candidate(
                settings=settings,
                role=role,
                model=model,
                champion=before.models[CHAMPION] if before else None,
                artifact=artifact,
            )
        )
        after = after.with_model(role, _let_in(judgement, override_reason, session))
        store(session, artifact, bucket)
    return Released(change=written(settings, before, after), judgement=judgement)


def promote_role(environment_name: str, role: str, override_reason: str | None = None) -> Released:
    """Make the model of another role the champion, if the gates let it.

    They look at what the release file says; the artifact was read when the model was released,
    and `darkroom deploy` looks for it again. Raises RefusedByGates, and Refused for a role that
    holds no model.
    """
    settings = environment(environment_name)
    before = existing_release(settings)
    after = promoted(settings, before, role)
    # That somebody let it pass in another role says nothing about a champion.
    model = as_recorded(replace(before.models[role], override=None), CHAMPION, before)
    candidate = Candidate(
        settings=settings,
        role=CHAMPION,
        model=model,
        champion=before.models[CHAMPION],
        artifact=None,
    )
    session = open_session(settings)
    if override_reason is not None:  # only then somebody's name is asked for
        session.check_account()
    judgement = judge(candidate)
    after = after.with_model(CHAMPION, _let_in(judgement, override_reason, session))
    return Released(change=written(settings, before, after), judgement=judgement)


def _with_model(
    settings: Settings,
    before: Release | None,
    role: str,
    model: ReleasedModel,
    weight: float | None,
) -> Release:
    if before is None:
        return Release(environment=settings.name, models={role: model}, weights={role: 1.0})
    return before.with_model(role, model, weight)


def _let_in(judgement: Judgement, reason: str | None, session: Session) -> ReleasedModel:
    """The judged model with the override it needs, if any. Raises RefusedByGates."""
    screen.show(judgement)
    return replace(judgement.candidate.model, override=judgement.check(reason, session))


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
@click.option("--promote", "risen", metavar="ROLE", help="Make this role's model the champion.")
@options.override
@options.as_json
def command(
    training_job_name: str | None,
    environment_name: str,
    role: str | None,
    weight: float | None,
    removed: str | None,
    risen: str | None,
    override_reason: str | None,
    as_json: bool,
) -> None:
    """Put the model of training job JOB into a role of the environment's release.

    Its gates are asked first; refused means that nothing was changed. Writes
    config/releases/<env>.json; for dev and prod, commit it: the release is its diff.
    """
    _check_usage(training_job_name, removed, risen, role, weight, override_reason)
    try:
        if training_job_name is not None:
            role = role or CHAMPION
            done = release(environment_name, training_job_name, role, weight, override_reason)
        elif risen is not None:
            role, done = CHAMPION, promote_role(environment_name, risen, override_reason)
        else:
            role = str(removed)
            done = Released(change=remove(environment_name, role))
    except RefusedByGates as refusal:
        if as_json:
            found = {"changed": False, "gates": refusal.judgement.to_value()}
            console.result(found, as_json=True)
        raise
    rows = _rows(environment_name, done.change, role)
    if as_json and done.judgement is not None:
        rows["gates"] = done.judgement.to_value()
    console.result(rows, as_json=as_json)
    _say_traffic(environment_name, done.change, role)
    console.next_step(f"darkroom deploy --env {environment_name}")


def _check_usage(
    training_job_name: str | None,
    removed: str | None,
    risen: str | None,
    role: str | None,
    weight: float | None,
    override_reason: str | None,
) -> None:
    if [training_job_name, removed, risen].count(None) != 2:
        raise click.UsageError("name one of JOB, --remove ROLE and --promote ROLE")
    if training_job_name is None and (role is not None or weight is not None):
        raise click.UsageError("--role and --weight go with a JOB")
    if weight is not None and role in (None, CHAMPION, SHADOW):
        raise click.UsageError(
            "--weight is a challenger's; change the others' with `darkroom split`"
        )
    if removed is not None and override_reason is not None:
        raise click.UsageError("--override goes with a JOB or --promote; nobody judges a removal")


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
    if model is not None and model.override is not None:
        rows["override"] = f"{', '.join(model.override.gates)}: {model.override.reason}"
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
