"""`darkroom rollback`: an earlier release of an environment, as a new change of its file."""

from dataclasses import dataclass
from datetime import UTC, datetime

import click

from config import outputs, prefixes
from config.environments import environment
from config.release import Release, ReleasedModel
from config.roles import CHAMPION
from dataset.rules import printable
from scripts import console, options
from scripts.artifact import split_url
from scripts.errors import Refused
from scripts.releases.readmission import (
    Consent,
    check_setup,
    let_back,
    renamed_classes,
    unproven,
    with_present_record,
)
from scripts.releases.release_file import ReleaseFile
from scripts.releases.way_back import WayBack, way_back
from scripts.repository import Commit
from scripts.serving.artifacts import Evidence, check_artifact
from scripts.serving.shares import shares_in_words
from scripts.session import Session, open_session


@dataclass(frozen=True, kw_only=True)
class RolledBack:
    """What the release file said, what it says now, and the commit that said so before."""

    before: Release | None
    after: Release
    commit: Commit

    @property
    def changed(self) -> bool:
        return self.before != self.after


def rollback(
    session: Session, file: ReleaseFile, revision: str | None = None, reason: str | None = None
) -> RolledBack:
    """Write an earlier release into the work tree, if it can be deployed today; commits nothing.

    `reason` lets models come back that have no proof of being served elsewhere; it is recorded
    with the caller. Raises Refused, and then the file is as it was.
    """
    settings = session.settings
    way = way_back(file, revision)
    check_setup(settings, way.release, way.commit)
    session.check_account()
    for role, model in way.release.models.items():
        _check_there(session, role, model)
    after = _readmitted(session, way, reason)
    if after != way.before:
        file.write(after)
    return RolledBack(before=way.before, after=after, commit=way.commit)


def _check_there(session: Session, role: str, model: ReleasedModel) -> None:
    """Raise Refused for an artifact that is gone or overwritten, or that nobody could look at.

    To go back is to rely on what is old: S3's life cycle or a person may have taken it away.
    """
    if check_artifact(session, role, model).evidence is not Evidence.NONE:
        return
    bucket, _ = split_url(model.model_data_url)
    raise Refused(
        f"the caller may not look whether the artifact {model.model_data_url} of the {role} is "
        f"still there, so nothing was changed; ask for s3:GetObject on "
        f"arn:aws:s3:::{bucket}/{prefixes.MODELS}/* (the output {outputs.DEPLOY_POLICY_ARN} of "
        f"environment {session.settings.name} is a policy that has it), and repeat"
    )


def _readmitted(session: Session, way: WayBack, reason: str | None) -> Release:
    """The earlier release as it may be deployed. Raises Refused for one without proof."""
    settings = session.settings
    after = with_present_record(way.release, way.before)
    stops = unproven(settings, after)
    if not stops:
        if reason is not None:
            console.say("--override was not needed: nothing refuses; no override is recorded")
        return after
    if reason is None:
        found = "; ".join(
            f"{role} {after.models[role].training_job_name}: {why}" for role, why in stops.items()
        )
        raise Refused(
            f"the release of {way.commit.short} may not be deployed in environment "
            f"{settings.name}: {found}; nothing was changed; promote it from "
            f"{settings.gates.served_in} (`darkroom promote --from {settings.gates.served_in} "
            f"--to {settings.name}`), or repeat with --override REASON, which is recorded"
        )
    console.say(f"let back by --override: {', '.join(stops)}; the release file records who")
    consent = Consent(reason=reason, by=session.caller().arn, at=datetime.now(UTC))
    return let_back(after, stops, consent)


@click.command("rollback")
@options.environment
@click.option(
    "--to",
    "revision",
    metavar="REV",
    help="The commit whose release comes back. [default: the newest that serves another]",
)
@options.override
@options.as_json
def command(
    environment_name: str, revision: str | None, override_reason: str | None, as_json: bool
) -> None:
    """Write the release before this one into the environment's release file, as a new change.

    It is checked as it would be deployed today. Deploys and commits nothing. The same command
    again comes back to the release that it left; --to goes further back.
    """
    settings = environment(environment_name)
    file = ReleaseFile(environment=settings.name)
    done = rollback(open_session(settings), file, revision, override_reason)
    console.result(_rows(file, done), as_json=as_json)
    renamed = renamed_classes(done.before, done.after)
    if renamed is not None:
        console.say(
            f"\nthe class names change: {printable(renamed)}; whoever reads the answers has to know"
        )
    if file.content() != file.head_content():
        console.say(
            f"\ncommit it, for the release is its diff: git add {file.path} && git commit -m "
            f"'Roll {settings.name} back to {done.commit.short}'"
        )
    console.next_step(f"darkroom deploy --env {environment_name}")


def _rows(file: ReleaseFile, done: RolledBack) -> dict[str, object]:
    model = done.after.models[CHAMPION]
    previous = done.before.models[CHAMPION] if done.before else None
    return {
        "release_file": file.path,
        "back_to": f"{done.commit.short} of {done.commit.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "champion": model.training_job_name,
        "validation_accuracy": model.metrics["validation_accuracy"],
        "replaces": previous.training_job_name if previous else "-",
        "its_validation_accuracy": previous.metrics["validation_accuracy"] if previous else "-",
        "traffic": shares_in_words(done.after),
        "changed": done.changed,
    }
