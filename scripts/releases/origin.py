"""How a release came to be, told from those before it: the file itself keeps no such record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.release import Release, ReleasedModel
from config.roles import in_order
from scripts.releases.version import Version
from scripts.repository import Commit


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What made a release another one than that before it."""

    words: str
    rolled_back_to: Commit | None = None
    """The commit of the earlier version whose models it serves again."""


def origin(release: Release, older: Sequence[Version]) -> Origin:
    """How a release came from the versions before it, newest first."""
    before = next((each.release for each in older if each.release is not None), None)
    for version in _left(release, older):
        if version.commit is not None and version.serves_the_same(release):
            return Origin(
                words=f"rolled back to {version.commit.short}", rolled_back_to=version.commit
            )
    return Origin(words=", ".join(_changes(before, release)))


def _left(release: Release, older: Sequence[Version]) -> Sequence[Version]:
    """The versions that can be gone back to: those that something else came after."""
    if older and older[0].serves_the_same(release):
        return ()
    return older


def _changes(before: Release | None, after: Release) -> Iterator[str]:
    old = dict(before.models) if before else {}
    role_of = {model.artifact_sha256: role for role, model in old.items()}
    changed = False
    for role in in_order(after.models):
        model = after.models[role]
        if role in old and _is(model, old[role]):
            continue
        changed = True
        former = role_of.get(model.artifact_sha256)
        if former is not None and former != role:
            yield f"{former} made {role}"
        elif model.served_in is not None:
            yield f"{role} promoted from {model.served_in.environment}"
        else:
            yield f"{role} released"
    staying = {model.artifact_sha256 for model in after.models.values()}
    for role in in_order(old):
        if role not in after.models and old[role].artifact_sha256 not in staying:
            changed = True
            yield f"{role} taken out"
    if not changed:
        same_shares = before is not None and before.weights == after.weights
        yield "the same models on other proof" if same_shares else "traffic split anew"


def _is(one: ReleasedModel, other: ReleasedModel) -> bool:
    return (one.training_job_arn, one.artifact_sha256) == (
        other.training_job_arn,
        other.artifact_sha256,
    )
