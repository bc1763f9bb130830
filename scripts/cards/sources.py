"""Where a card's facts come from: SageMaker, the job's log, the dataset, the release files."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from config import outputs
from config.environments import ENVIRONMENTS, environment
from config.release import Release, ReleasedModel
from config.roles import CHAMPION, in_order
from dataset.description import Description
from scripts import console, repository
from scripts.cards.facts import CardFacts, Place
from scripts.cdk import REPOSITORY
from scripts.datasets.stored import stored_dataset
from scripts.errors import Refused
from scripts.releases.release_file import ReleaseFile
from scripts.releases.version import Version, folded
from scripts.serving.live import kinds
from scripts.serving.shares import shares
from scripts.session import Session
from scripts.training.follow import training_history
from scripts.training.job import TrainingJob
from scripts.training.trained import completed_job


def gather(session: Session, job_name: str, root: Path = REPOSITORY) -> CardFacts:
    """What is recorded of a completed training job; changes nothing.

    Raises Refused for a job that is unknown, unfinished or failed, or that `darkroom train` did
    not start.
    """
    try:
        job = completed_job(session, job_name)
    except Refused as reason:
        raise _elsewhere(session, job_name, root) or reason from reason
    dataset = _dataset(session, job)
    histories = {
        name: versions_of(ReleaseFile(environment=name, root=root)) for name in ENVIRONMENTS
    }
    return CardFacts(
        environment=session.settings.name,
        region=session.region,
        job=job,
        history=training_history(session, job),
        dataset=dataset,
        released=next(_released(histories.values(), job.arn), None),
        places=[
            place
            for name, versions in histories.items()
            for place in places_of(name, versions, job.arn)
        ],
    )


def _elsewhere(session: Session, job_name: str, root: Path) -> Refused | None:
    """The refusal of a job that was trained where its model was promoted from."""
    here = session.settings.name
    release = ReleaseFile(environment=here, root=root).working().release
    for model in release.models.values() if release else ():
        if model.training_job_name == job_name and model.served_in is not None:
            there = model.served_in.environment
            return Refused(
                f"training job {job_name} is not of environment {here}: its model was promoted "
                f"from {there}; run `darkroom card {job_name} --env {there}`"
            )
    return None


def _dataset(session: Session, job: TrainingJob) -> Description | None:
    # Asked first of all, for it refuses a job that is none of ours.
    dataset_id, bucket = job.dataset_id, job.dataset_bucket
    try:
        return stored_dataset(session, bucket, dataset_id)
    except Refused as reason:
        console.say(f"the card tells nothing of the dataset: {reason}")
        return None


def versions_of(file: ReleaseFile) -> Sequence[Version]:
    """What the file says and said, newest first; without git, what it says."""
    now = file.working()
    if now.problem is not None:
        console.say(f"the card passes over a release file: {now.problem}")
    committed = file.committed() if repository.head_commit(file.root) else []
    return [now, *committed]


def places_of(environment_name: str, versions: Sequence[Version], job_arn: str) -> Iterator[Place]:
    """The roles that the environment's release file gives the job's model now."""
    release = versions[0].release
    if release is None:
        return
    settings, share = environment(environment_name), shares(release.weights)
    for role in in_order(_roles(release, job_arn)):
        yield Place(
            environment=settings.name,
            role=role,
            share=share.get(role),
            since=_since(folded(versions), role, job_arn),
            model=release.models[role],
            region=settings.region,
            endpoint_url=settings.endpoint_url,
            endpoints={
                kind: outputs.endpoint_name(settings.app, settings.name, kind)
                for kind in kinds(settings)
                if role == CHAMPION or kind == "realtime"
            },
        )


def _since(versions: Sequence[Version], role: str, job_arn: str) -> Version:
    """The oldest version of those, from the newest on, that have the job's model in the role."""
    since = versions[0]
    for version in versions:
        if version.release is None or role not in _roles(version.release, job_arn):
            break
        since = version
    return since


def _roles(release: Release, job_arn: str) -> list[str]:
    return [role for role, model in release.models.items() if model.training_job_arn == job_arn]


def _released(histories: Iterable[Sequence[Version]], job_arn: str) -> Iterator[ReleasedModel]:
    for versions in histories:
        for version in versions:
            if version.release is not None:
                for role in _roles(version.release, job_arn):
                    yield version.release.models[role]
