"""`darkroom drill`: is a bad release caught, and undone? Tried on a throw-away endpoint."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

import click

from config.environments import environment
from config.first_step import first_step
from config.release import read_release
from config.released_model import ReleasedModel
from config.roles import CHAMPION
from config.settings import Settings
from scripts import console, options
from scripts.deployment.assembly import synthesized
from scripts.drilling import candidate, screen, stage_files
from scripts.drilling.candidate import broken_copy
from scripts.drilling.load import tally
from scripts.drilling.plan import plan
from scripts.drilling.rehearsal import Rehearsal, rehearse
from scripts.drilling.stage import GONE, Stage, stack_status
from scripts.drilling.stage_files import BROKEN, FOLDER, SOUND, log_file
from scripts.drilling.verdict import Proof, proofs
from scripts.errors import Refused, Stopped
from scripts.interruption import stopped
from scripts.outputs import is_bootstrapped, is_updating
from scripts.session import Session, open_session

_APP: Final = "stacks.drill_app"


def drill(session: Session, model: ReleasedModel, *, approve: bool, as_json: bool) -> Rehearsal:
    """Practise a rollback; the stack and the broken artifact are gone again when this returns.

    Raises Refused before anything is made when somebody else drills, or nobody approves.
    """
    left = stage_files.read(session.settings.name, BROKEN)
    with broken_copy(session, model) as broken, _stage(session, model, broken.model) as stage:
        _check_nobody_else(stage)
        screen.announce(plan(stage, broken))
        _ask(stage, approve=approve)
        with _cleaning(stage, broken.model):
            stage.destroy()
            if left is not None and left.artifact_sha256 != model.artifact_sha256:
                candidate.remove(session, left)
            broken.upload(session)
            done = rehearse(stage, model, needs_alarm=broken.format == "onnx")
            if not as_json:
                screen.conclude(proofs(done.evidence), done.evidence.answers)
    return done


def clean(session: Session, model: ReleasedModel) -> None:
    """Remove what an interrupted drill left, and do nothing else."""
    name = session.settings.name
    broken = stage_files.read(name, BROKEN)
    if broken is None and stack_status(session) == GONE:
        console.say(f"environment {name} has nothing left of a drill")
        return
    broken = broken or model
    with _stage(session, model, broken) as stage:
        _remove(stage, broken)


def check_settings(settings: Settings) -> None:
    """Raise Refused for settings under which nothing is undone."""
    if settings.realtime is None:
        raise Refused(
            f"environment {settings.name} has no real-time endpoint (realtime=None in "
            "config/environments.py), and a serverless one is updated without guardrails"
        )
    if settings.alarms is None or not settings.rollout.auto_rollback:
        missing = "alarms=None" if settings.alarms is None else "rollout.auto_rollback=False"
        raise Refused(
            f"environment {settings.name} undoes no bad release: {missing} in "
            "config/environments.py; set alarms=AlarmSettings() and auto_rollback=True, "
            f"`darkroom deploy --env {settings.name}`, and repeat"
        )


def champion_of(settings: Settings) -> ReleasedModel:
    """The model to practise with. Raises Refused before the first release."""
    release = read_release(settings.name)
    if release is None:
        raise Refused(
            f"environment {settings.name} has no release to break a copy of; "
            f"run `{first_step(settings)}` first"
        )
    return release.models[CHAMPION]


@contextmanager
def _stage(session: Session, sound: ReleasedModel, broken: ReleasedModel) -> Iterator[Stage]:
    """The drill's stack, synthesized from the two models."""
    name = session.settings.name
    stage_files.write(name, SOUND, sound)
    stage_files.write(name, BROKEN, broken)
    log_file(name).write_bytes(b"")
    with synthesized("-m", _APP, name, str(FOLDER)) as assembly:
        yield Stage(session=session, assembly=assembly, log=log_file(name))


def _check_nobody_else(stage: Stage) -> None:
    status = stage.status()
    if is_updating(status):
        name = stage.session.settings.name
        raise Refused(
            f"stack {stage.stack_name} is {status}: another drill is under way, or was "
            f"interrupted; wait for its end, or remove it with `darkroom drill --env {name} "
            "--clean`"
        )


@contextmanager
def _cleaning(stage: Stage, broken: ReleasedModel) -> Iterator[None]:
    """Whatever happens inside, nothing of the drill is left; a second Ctrl-C gives that up."""
    try:
        yield
    except KeyboardInterrupt:
        console.say("interrupted: what the drill made is being removed; Ctrl-C again leaves it")
        raise Stopped("what the drill made is removed; nothing was proved") from None
    finally:
        try:
            _remove(stage, broken)
        except KeyboardInterrupt:
            name = stage.session.settings.name
            raise Refused(
                f"interrupted twice; stack {stage.stack_name}, whose instances bill, and "
                f"{broken.model_data_url} may be left; remove them with "
                f"`darkroom drill --env {name} --clean`"
            ) from None


def _remove(stage: Stage, broken: ReleasedModel) -> None:
    name = stage.session.settings.name
    with screen.step(f"stack {stage.stack_name} and the broken artifact are removed"):
        stage.destroy()
        sound = stage_files.read(name, SOUND)
        # After `--clean` without a memory both are the released model, which stays.
        if sound is None or sound.artifact_sha256 != broken.artifact_sha256:
            candidate.remove(stage.session, broken)
        stage_files.remove(name)


def _check_somebody_to_ask(*, approve: bool) -> None:
    if not approve and not sys.stdin.isatty():
        raise Refused(
            "a drill starts instances, which cost money on AWS, and standard input is no terminal "
            "to ask at; repeat the command with --yes"
        )


def _ask(stage: Stage, *, approve: bool) -> None:
    if not approve and not click.confirm("Go on?", err=True):
        raise Refused(f"nothing was started; {stage.stack_name} is as it was")


def _answer(rehearsal: Rehearsal, points: list[Proof], environment_name: str) -> dict[str, Any]:
    count = tally(rehearsal.evidence.answers)
    return {
        "environment": environment_name,
        "endpoint": rehearsal.evidence.before.name,
        "passed": all(point.holds for point in points),
        "proofs": [asdict(point) for point in points],
        "timeline": [asdict(event) for event in rehearsal.events],
        "traffic": {**asdict(count), "exposed_seconds": count.exposed_seconds},
        "cdk_log": str(log_file(environment_name)),
    }


@click.command("drill")
@options.environment
@click.option("--yes", "approve", is_flag=True, help="Start instances without asking.")
@click.option("--clean", "only_clean", is_flag=True, help="Only remove an interrupted drill.")
@options.as_json
def command(environment_name: str, approve: bool, only_clean: bool, as_json: bool) -> None:
    """Deploy a model that is broken on purpose, and prove that it is caught and undone.

    On a throw-away endpoint that is made like the environment's own, with its alarms and its
    rollout, and removed at the end, also after Ctrl-C. Exits 1 unless the rollback happened and
    the old model answers.
    """
    settings = environment(environment_name)
    if not only_clean:
        check_settings(settings)
        _check_somebody_to_ask(approve=approve)
    model = champion_of(settings)
    session = open_session(settings)
    session.check_account()
    if not is_bootstrapped(session):
        raise Refused(
            f"environment {settings.name} is not bootstrapped; "
            f"run `darkroom bootstrap --env {settings.name}` first"
        )
    if only_clean:
        clean(session, model)
        return
    with stopped("nothing was started"):
        rehearsal = drill(session, model, approve=approve, as_json=as_json)
    points = proofs(rehearsal.evidence)
    if as_json:
        console.result(_answer(rehearsal, points, settings.name), as_json=True)
    if failed := [point.what for point in points if not point.holds]:
        raise Refused(
            f"the drill failed in environment {settings.name}; it did not show that "
            f"{', that '.join(failed)}; compare rollout, alarms and the time that metrics take "
            f"with the timeline above; the CDK's log: {log_file(settings.name)}"
        )
    console.next_step(f"darkroom deploy --env {settings.name}")
