"""The workflows and actions of the repository, as GitHub would read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

REPOSITORY: Final = Path(__file__).resolve().parents[3]
GITHUB: Final = REPOSITORY / ".github"
SCRIPTS: Final = GITHUB / "scripts"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job of a workflow."""

    workflow: str
    """The file's name without its suffix."""

    name: str
    value: Mapping[str, Any]

    @property
    def steps(self) -> list[Mapping[str, Any]]:
        steps: list[Mapping[str, Any]] = self.value["steps"]
        return steps

    @property
    def permissions(self) -> Mapping[str, str]:
        permissions: Mapping[str, str] = self.value["permissions"]
        return permissions


def workflows() -> dict[str, Mapping[Any, Any]]:
    """Each workflow by its file's name without its suffix."""
    return {path.stem: _read(path) for path in sorted((GITHUB / "workflows").iterdir())}


def triggers(workflow: Mapping[Any, Any]) -> Mapping[str, Any]:
    """What starts a workflow: the key is `on`, which YAML 1.1 takes for a truth value."""
    value: Mapping[str, Any] = workflow[True]
    return value


def jobs() -> list[Job]:
    """The jobs of all workflows."""
    return [
        Job(workflow=workflow, name=name, value=job)
        for workflow, value in workflows().items()
        for name, job in value["jobs"].items()
    ]


def job(workflow: str, name: str) -> Job:
    """One job, which exists."""
    return next(job for job in jobs() if (job.workflow, job.name) == (workflow, name))


def action(name: str) -> Mapping[str, Any]:
    """One of the repository's own actions."""
    value: Mapping[str, Any] = _read(GITHUB / "actions" / name / "action.yml")
    return value


def all_steps() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The steps of all jobs and actions, each behind the words that name it in a failure."""
    for each in jobs():
        for number, step in enumerate(each.steps, 1):
            yield f"{each.workflow}/{each.name}, step {number}", step
    for path in sorted((GITHUB / "actions").iterdir()):
        for number, step in enumerate(action(path.name)["runs"]["steps"], 1):
            yield f"action {path.name}, step {number}", step


def commands() -> dict[str, str]:
    """Every piece of shell that a workflow runs, steps and scripts, by where it stands."""
    found = {place: step["run"] for place, step in all_steps() if "run" in step}
    found |= {path.name: path.read_text() for path in sorted(SCRIPTS.glob("*.sh"))}
    return found


def sources() -> list[Path]:
    """Every file that names an action."""
    return [*(GITHUB / "workflows").iterdir(), *(GITHUB / "actions").rglob("*.yml")]


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
