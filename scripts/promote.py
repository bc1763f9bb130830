"""`darkroom promote`: what one environment serves comes into the release file of the next."""

import json
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import click

from config.environments import ENVIRONMENTS, environment
from config.release import read_release, release_file
from config.roles import CHAMPION, ROLES
from scripts import console, options
from scripts.artifact import Artifact
from scripts.cdk import REPOSITORY
from scripts.gates.judgement import RefusedByGates
from scripts.outputs import stack_outputs
from scripts.promotion.copying import Copied, copy_artifact
from scripts.promotion.judging import judged
from scripts.promotion.outcome import Promoted, PromotedModel
from scripts.promotion.promoted import as_recorded, carried, proof, with_models
from scripts.promotion.request import PromotionRequest
from scripts.promotion.route import open_route
from scripts.promotion.screen import promoted_rows, witness_screen
from scripts.promotion.sides import at_side
from scripts.promotion.source import committed_release
from scripts.promotion.witness import witness
from scripts.releases.release_file import ReleaseFile
from scripts.serving.roles import written
from scripts.serving.shares import shares_in_words
from scripts.session import Session


def promote(request: PromotionRequest) -> Promoted:
    """Bring what the source serves into the target's bucket and release file; deploys nothing.

    The source has to serve its committed release now, and each model has to pass the target's
    gates, before anything is copied. Raises RefusedByGates; Refused for a source that serves
    something else, for missing permissions and for an artifact that is not the released one; and
    ConfigurationError for what no release of the target may be. The release file is then as it
    was. A repeated promotion moves no bytes and leaves the file as it is.
    """
    settings = environment(request.target)
    source = committed_release(request.source)
    moves = request.moves(source.release)
    before = read_release(settings.name)
    route = open_route(
        environment(request.source), settings, request.source_profile, request.target_profile
    )
    with at_side(route.target):
        bucket = stack_outputs(route.target, ("Data",)).artifacts_bucket
    models = {move.role: carried(move.model, settings, bucket) for move in moves}
    with_models(settings, before, models)  # what cannot be is refused before anything is read
    witnessed = witness(route.source, source.release)
    console.show(witness_screen(witnessed))
    models = {
        move.role: as_recorded(
            replace(models[move.role], served_in=proof(route, source, witnessed, move)),
            move.role,
            before,
        )
        for move in moves
    }
    with ExitStack() as files, at_side(route.target):
        found = [judged(route, move, models[move.role], before, files) for move in moves]
        reason = request.override_reason
        models = {each.move.role: each.let_in(reason, route.target) for each in found}
        copies = [_copied(route.target, each.artifact, bucket) for each in found]
    change = written(settings, before, with_models(settings, before, models))
    return Promoted(
        source=source,
        change=change,
        models=tuple(
            PromotedModel(
                role=each.move.role,
                model=models[each.move.role],
                previous=before.models.get(each.move.role) if before else None,
                judgement=each.judgement,
                copied=copied,
            )
            for each, copied in zip(found, copies, strict=True)
        ),
    )


def _copied(session: Session, artifact: Artifact, bucket: str) -> Copied:
    with console.byte_progress() as progress:
        bar = progress.add_task("copying the artifact", total=artifact.size_bytes)
        return copy_artifact(
            session, artifact, bucket, moved=lambda size: progress.advance(bar, size)
        )


@click.command("promote")
@click.option(
    "--from",
    "source",
    type=click.Choice(sorted(ENVIRONMENTS)),
    required=True,
    help="The environment that serves the release now.",
)
@click.option(
    "--to",
    "target",
    type=click.Choice(sorted(ENVIRONMENTS)),
    required=True,
    help="The environment whose release file gets it.",
)
@click.option(
    "--role",
    "roles",
    type=click.Choice(ROLES),
    multiple=True,
    metavar="ROLE",
    help="Which model of the release; may be repeated. [default: champion]",
)
@click.option(
    "--as",
    "as_role",
    type=click.Choice(ROLES),
    metavar="ROLE",
    help="The role that it gets there. [default: the same]",
)
@click.option(
    "--from-profile",
    "source_profile",
    metavar="PROFILE",
    help="The AWS profile that looks at the source. [default: the usual credentials]",
)
@click.option(
    "--to-profile",
    "target_profile",
    metavar="PROFILE",
    help="The AWS profile that reads the artifact and writes it. [default: the usual credentials]",
)
@options.override
@options.as_json
def command(
    source: str,
    target: str,
    roles: tuple[str, ...],
    as_role: str | None,
    source_profile: str | None,
    target_profile: str | None,
    override_reason: str | None,
    as_json: bool,
) -> None:
    """Carry the release that one environment serves into the release file of the next.

    The source is asked whether it serves its committed release now, the gates of the target judge
    it, and the artifact is copied into the target's bucket; nothing is deployed. Writes
    config/releases/<to>.json with the proof: commit it, the promotion is its diff.
    """
    if as_role is not None and len(set(roles)) > 1:
        raise click.UsageError("--as names one role, so it goes with one --role")
    request = PromotionRequest(
        source=source,
        target=target,
        roles=roles or (CHAMPION,),
        as_role=as_role,
        source_profile=source_profile,
        target_profile=target_profile,
        override_reason=override_reason,
    )
    try:
        done = promote(request)
    except RefusedByGates as refusal:
        if as_json:
            found = {"changed": False, "gates": refusal.judgement.to_value()}
            console.result(found, as_json=True)
        raise
    if as_json:
        click.echo(json.dumps(_value(request, done), indent=2))
    else:
        _print(request, done)
    _say_what_is_next(request, done)


def _file(environment_name: str) -> str:
    return release_file(environment_name).resolve().relative_to(REPOSITORY).as_posix()


def _value(request: PromotionRequest, done: Promoted) -> dict[str, Any]:
    return {
        "release_file": _file(request.target),
        "from": request.source,
        "to": request.target,
        "release_sha256": done.source.release.digest,
        "commit": done.source.commit,
        "models": {each.role: each.to_value() for each in done.models},
        "traffic": dict(done.change.after.weights),
        "changed": not done.change.unchanged,
    }


def _print(request: PromotionRequest, done: Promoted) -> None:
    for each in done.models:
        rows = {
            "release_file": _file(request.target),
            **promoted_rows(each),
            "traffic": shares_in_words(done.change.after),
            "changed": not done.change.unchanged,
        }
        console.result(rows, as_json=False)


def _say_what_is_next(request: PromotionRequest, done: Promoted) -> None:
    for each in done.models:
        if done.change.after.weights.get(each.role) == 0:
            console.say(
                f"the {each.role} gets no traffic yet (weight 0); `darkroom split` gives it some"
            )
    deploy = f"darkroom deploy --env {request.target}"
    if done.change.unchanged:
        say_unchanged(ReleaseFile(environment=request.target))
        return
    console.say(
        f"nothing was deployed; look at the change, commit {_file(request.target)}, and when it "
        f"is reviewed: `{deploy}`"
    )
    console.next_step("darkroom diff")


def say_unchanged(file: ReleaseFile) -> None:
    """Why nothing changed is not that all is done: the file may wait for its commit."""
    if not file.uncommitted:
        console.say(f"{file.path} said so already")
        console.next_step(f"darkroom deploy --env {file.environment}")
        return
    console.say(f"{file.path} is not committed yet: {file.commit_command}")
    console.next_step(file.commit_command)
