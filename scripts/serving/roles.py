"""Who plays which part: changes of a release file that need no training job."""

from dataclasses import dataclass, replace
from pathlib import Path

from config.environments import environment
from config.first_step import first_step
from config.release import RELEASES, Release, read_release, release_file
from config.roles import CHAMPION, SHADOW
from config.settings import Settings
from scripts.errors import Refused
from scripts.files import write_atomically


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a release file said before, and what it says now."""

    before: Release | None
    after: Release

    @property
    def unchanged(self) -> bool:
        return self.before == self.after


def remove(environment_name: str, role: str) -> Change:
    """Take a role's model out of the release file. Raises ConfigurationError."""
    settings = environment(environment_name)
    before = existing_release(settings)
    return written(settings, before, before.without(role))


def promoted(settings: Settings, before: Release, role: str) -> Release:
    """The release with the model of another role as champion; the champion's is in it no more.

    Its weight goes with it, so the others keep their share of the traffic. Raises Refused for a
    role that holds no model.
    """
    others = [each for each in before.models if each != CHAMPION]
    if role not in others:
        raise Refused(
            f"the release of environment {settings.name} has no {role} to promote; beside the "
            f"champion it has {', '.join(others) or 'nobody'}"
        )
    models = {**before.models, CHAMPION: before.models[role]}
    weights = dict(before.weights)
    del models[role]
    weights[CHAMPION] += weights.pop(role, 0.0)
    return replace(before, models=models, weights=weights)


def existing_release(settings: Settings) -> Release:
    """The environment's release. Raises Refused before its first."""
    found = read_release(settings.name)
    if found is None:
        raise Refused(
            f"environment {settings.name} has no release; run `{first_step(settings)}` first"
        )
    return found


def written(
    settings: Settings, before: Release | None, after: Release, folder: Path = RELEASES
) -> Change:
    """The change, in the release file. It may still hold what another traffic plan left there.

    Raises Refused for a file that says something else by now than `before`: an artifact takes
    minutes to judge and to copy, and nobody's change is lost to that.
    """
    if after != before:
        if read_release(settings.name, folder) != before:
            raise Refused(
                f"config/releases/{settings.name}.json was changed meanwhile by somebody else; "
                "nothing was written; repeat the same command to work on what it says now"
            )
        write_atomically(release_file(settings.name, folder), after.to_json().encode())
    return Change(before=before, after=after)


def check_role(settings: Settings, before: Release | None, role: str) -> None:
    """Raise Refused for a role that cannot be filled; asked before an artifact is read for it."""
    plan = settings.traffic
    if role not in plan.roles:
        needed = "Shadow" if role == SHADOW else "Split"
        raise Refused(
            f"the traffic plan of environment {settings.name} is "
            f"{type(plan).__name__}, which has no {role} (it has "
            f"{', '.join(plan.roles)}); set traffic={needed}() in "
            "config/environments.py, or choose another role"
        )
    strangers = [each for each in (before.models if before else ()) if each not in plan.roles]
    if strangers:
        raise Refused(
            f"the release of environment {settings.name} still has a {strangers[0]}, which the "
            f"traffic plan {type(plan).__name__} does not know; take it out first: "
            f"`darkroom release --remove {strangers[0]} --env {settings.name}`"
        )
    if before is None and role != CHAMPION:
        raise Refused(
            f"environment {settings.name} has no champion to put a {role} beside; "
            f"run `{first_step(settings)}` first"
        )
